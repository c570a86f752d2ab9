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
//
// All processes of a system may be read in a row, again and again: so nothing is
// allocated but two names.
func ReadProcess(pid int) (p Process, ok bool) {
	fd, err := unix.Open("/proc/"+strconv.Itoa(pid)+"/stat", unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		return Process{}, false
	}
	defer unix.Close(fd)
	var text [1024]byte // twice what there can be
	n, err := unix.Read(fd, text[:])
	if err != nil {
		return Process{}, false
	}
	return parseProcess(text[:n])
}

// The fields of /proc/PID/stat.
const (
	statState, statParent, statGroup, statSession = 3, 4, 5, 6

	statFlags, statUser, statSystem, statStart, statExit = 9, 14, 15, 22, 52
)

// parseProcess reads "1234 (name) S 1 ...".
func parseProcess(text []byte) (p Process, ok bool) {
	// The name may hold any character.
	open, end := bytes.IndexByte(text, '('), bytes.LastIndexByte(text, ')')
	if open < 0 || end < open {
		return Process{}, false
	}
	pid, err := strconv.Atoi(string(bytes.TrimSpace(text[:open])))
	if err != nil {
		return Process{}, false
	}
	p = Process{Pid: pid, Name: string(text[open+1 : end])}
	field := statState
	for value := range bytes.FieldsSeq(text[end+1:]) {
		if !p.take(field, value) {
			return Process{}, false
		}
		field++
	}
	if field <= statStart {
		return Process{}, false
	}
	return p, true
}

// take takes a field, and reports whether it makes sense.
func (p *Process) take(field int, text []byte) bool {
	if field == statState {
		p.State = text[0]
		return true
	}
	value, err := strconv.ParseUint(string(text), 10, 64)
	switch field {
	case statParent:
		p.Parent = int(value)
	case statGroup:
		p.Group = int(value)
	case statSession:
		p.Session = int(value)
	case statFlags:
		p.Flags = value
	case statUser, statSystem:
		p.Time += value
	case statStart:
		p.Start = value
	case statExit:
		if p.State == 'Z' && unix.Geteuid() == 0 {
			p.Exited, p.Exit = err == nil, unix.WaitStatus(value)
		}
		return true
	default:
		return true
	}
	return err == nil
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
