package protocol

import (
	"bytes"
	"os"
	"strconv"
	"strings"
)

// StartTime returns when the kernel started the process pid, in clock ticks
// since the boot: field 22 of /proc/PID/stat. With BootID it tells the process
// from any other that has or will have its pid. It is 0 if there is no such
// process.
func StartTime(pid int) uint64 {
	text, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		return 0
	}
	return parseStartTime(text)
}

func parseStartTime(text []byte) uint64 {
	// The second field is a name in parentheses, and may hold any character.
	rest := text[bytes.LastIndexByte(text, ')')+1:]
	const third, wanted = 3, 22
	fields := strings.Fields(string(rest))
	if len(fields) <= wanted-third {
		return 0
	}
	ticks, err := strconv.ParseUint(fields[wanted-third], 10, 64)
	if err != nil {
		return 0
	}
	return ticks
}

// BootID identifies the time since the last boot, "" if the kernel does not
// tell.
func BootID() string {
	text, _ := os.ReadFile("/proc/sys/kernel/random/boot_id")
	return strings.TrimSpace(string(text))
}
