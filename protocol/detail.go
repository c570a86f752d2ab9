package protocol

import (
	"os"
	"strconv"
	"time"

	"golang.org/x/sys/unix"
)

// Detail is what the supervisor knows of a service beyond the status record.
// It stands in supervise/detail, lines of key=value, replaced by rename:
//
//	pid=1234              of the instance; missing if the service is down
//	start=56789           when the kernel started it: field 22 of /proc/PID/stat
//	boot=0a1b...          the boot in which this was written:
//	                      /proc/sys/kernel/random/boot_id
//	restarts=2            starts of the supervisor's own accord after an end
//	exit=1                how the last instance ended: its exit code,
//	signal=11             or the signal that killed it
//	exited=2026-11-23T13:40:00.5Z
//
// An instance is the process of pid only if start and boot are true of it.
type Detail struct {
	Pid      int
	Start    uint64 // clock ticks since the boot
	Boot     string
	Restarts int
	LastExit ExitStatus
	Exited   time.Time // zero if no instance has ended
}

// An ExitStatus is how a process ended.
type ExitStatus struct {
	Code   int
	Signal unix.Signal // 0 if it ended by itself, with Code
}

// ExitStatusOf returns how the process of a wait status ended.
func ExitStatusOf(status unix.WaitStatus) ExitStatus {
	if status.Signaled() {
		return ExitStatus{Signal: status.Signal()}
	}
	return ExitStatus{Code: status.ExitStatus()}
}

// String returns "exit code 1", or "killed by SIGSEGV".
func (e ExitStatus) String() string {
	if e.Signal == 0 {
		return "exit code " + strconv.Itoa(e.Code)
	}
	if name := unix.SignalName(e.Signal); name != "" {
		return "killed by " + name
	}
	return "killed by signal " + strconv.Itoa(int(e.Signal))
}

// AppendDetail appends the text of d to b.
func AppendDetail(b []byte, d Detail) []byte {
	if d.Pid != 0 {
		b = appendField(b, "pid", strconv.Itoa(d.Pid))
		b = appendField(b, "start", strconv.FormatUint(d.Start, 10))
	}
	if d.Boot != "" {
		b = appendField(b, "boot", d.Boot)
	}
	b = appendField(b, "restarts", strconv.Itoa(d.Restarts))
	if d.Exited.IsZero() {
		return b
	}
	if d.LastExit.Signal != 0 {
		b = appendField(b, "signal", strconv.Itoa(int(d.LastExit.Signal)))
	} else {
		b = appendField(b, "exit", strconv.Itoa(d.LastExit.Code))
	}
	return appendTime(b, "exited", d.Exited)
}

// ParseDetail reads the text of a Detail. What is missing or makes no sense
// is zero.
func ParseDetail(text []byte) Detail {
	f := parseFields(text)
	return Detail{
		Pid:      f.number("pid"),
		Start:    uint64(f.number("start")),
		Boot:     f["boot"],
		Restarts: f.number("restarts"),
		LastExit: ExitStatus{Code: f.number("exit"), Signal: unix.Signal(f.number("signal"))},
		Exited:   f.time("exited"),
	}
}

// ReadDetail reads supervise/detail of dir. A supervisor that is not ours
// writes none: then the error is fs.ErrNotExist.
func ReadDetail(dir string) (Detail, error) {
	text, err := os.ReadFile(join(dir, DetailFile))
	if err != nil {
		return Detail{}, err
	}
	return ParseDetail(text), nil
}
