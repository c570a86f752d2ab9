package protocol

import (
	"bytes"
	"os"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// A Process is what the kernel tells of one in /proc/PID/stat.
type Process struct {
	Pid     int
	Name    string // of the program, at most 15 bytes: any but NUL
	State   byte   // R, S, D, T, Z ...
	Parent  int
	Group   int
	Session int
	Flags   uint64 // PF_ flags
	Time    uint64 // clock ticks that it has run, itself
	Start   uint64 // clock ticks since the boot

	Exited bool // it is a zombie, and Exit known, as it is to root
	Exit   unix.WaitStatus
}

// ReadProcess returns what the kernel tells of the process pid. It is not ok
// if there is no such process. With BootID, Start tells it from any other that
// has or will have its pid.
func ReadProcess(pid int) (p Process, ok bool) {
	text, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		return Process{}, false
	}
	return parseProcess(text)
}

// parseProcess reads "1234 (name) S 1 ...".
func parseProcess(text []byte) (p Process, ok bool) {
	// The name may hold any character.
	open, end := bytes.IndexByte(text, '('), bytes.LastIndexByte(text, ')')
	if open < 0 || end < open {
		return Process{}, false
	}
	const state, parent, group, session, flags, user, system, start, exit = 3, 4, 5, 6, 9, 14, 15, 22, 52
	fields := strings.Fields(string(text[end+1:]))
	if len(fields) <= start-state {
		return Process{}, false
	}
	ok = true
	number := func(text string) uint64 {
		n, err := strconv.ParseUint(text, 10, 64)
		ok = ok && err == nil
		return n
	}
	field := func(n int) uint64 { return number(fields[n-state]) }
	p = Process{
		Pid:     int(number(strings.TrimSpace(string(text[:open])))),
		Name:    string(text[open+1 : end]),
		State:   fields[0][0],
		Parent:  int(field(parent)),
		Group:   int(field(group)),
		Session: int(field(session)),
		Flags:   field(flags),
		Time:    field(user) + field(system),
		Start:   field(start),
	}
	if p.State == 'Z' && len(fields) > exit-state && unix.Geteuid() == 0 {
		code, err := strconv.ParseUint(fields[exit-state], 10, 32)
		p.Exited, p.Exit = err == nil, unix.WaitStatus(code)
	}
	return p, ok
}

// Executed reports whether the process has executed a program since it was
// forked.
func (p Process) Executed() bool {
	const forkNoExec = 0x40 // PF_FORKNOEXEC of linux/sched.h
	return p.Flags&forkNoExec == 0
}

// Alive reports whether the process has not ended: a zombie has.
func (p Process) Alive() bool { return p.State != 'Z' && p.State != 'X' }

// BootID identifies the time since the last boot, "" if the kernel does not
// tell.
func BootID() string {
	text, _ := os.ReadFile("/proc/sys/kernel/random/boot_id")
	return strings.TrimSpace(string(text))
}

// PidNamespace identifies the namespace in which this process sees pids, 0 if
// the kernel does not tell.
func PidNamespace() uint64 {
	var st unix.Stat_t
	if unix.Stat("/proc/self/ns/pid", &st) != nil {
		return 0
	}
	return st.Ino
}
