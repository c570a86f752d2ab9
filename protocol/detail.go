package protocol

import (
	"strconv"
	"time"

	"golang.org/x/sys/unix"
)

// Detail is what the supervisor knows of a service beyond the status record.
// It stands in supervise/detail, lines of key=value, replaced by rename:
//
//	pid=1234              of the instance; missing if the service is down
//	start=56789           when the kernel started it: field 22 of /proc/PID/stat
//	instance=65024-789-17...  its name, which it has in its environment: device
//	                      and inode of the directory, and when that was
//	in=123 out=456        the inodes of the pipes that it was given as standard
//	                      input and output, each on a line; missing if none
//	boot=0a1b...          the boot in which this was written:
//	                      /proc/sys/kernel/random/boot_id
//	namespace=40...       and the pid namespace: the inode of /proc/self/ns/pid
//	inode=789             of the service directory, not of a copy of it
//	restarts=2            starts of the supervisor's own accord after an end
//	exit=1                how the last instance ended: its exit code, or unknown,
//	signal=11             or the signal that killed it
//	exited=2026-11-23T13:40:00.5Z
//	backoff=4 1795...     how much a start is put off because of crashes, in
//	                      seconds, and when those were; missing without any
//	told=CAUTION          what the monitor was told last, if that was not OK
//	done=1                the supervisor has ended, not died
//
// An instance is the process of pid only if start, boot and namespace are true
// of it, and inode of the directory.
type Detail struct {
	Pid       int
	Start     uint64 // clock ticks since the boot
	Instance  string
	In, Out   uint64 // 0 if it was given no pipe
	Boot      string
	Namespace uint64
	Inode     uint64
	Restarts  int
	LastExit  ExitStatus
	Exited    time.Time // zero if no instance has ended
	Backoff   string
	Told      string
	Done      bool
}

// An ExitStatus is how a process ended.
type ExitStatus struct {
	Code   int
	Signal unix.Signal // 0 if it ended by itself, with Code

	// Unknown is set if the kernel did not tell, the process not being a child.
	Unknown bool
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
	if e.Unknown {
		return "exit code unknown"
	}
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
	b = appendNumber(b, "pid", uint64(d.Pid))
	b = appendNumber(b, "start", d.Start)
	b = appendText(b, "instance", d.Instance)
	b = appendNumber(b, "in", d.In)
	b = appendNumber(b, "out", d.Out)
	b = appendText(b, "boot", d.Boot)
	b = appendNumber(b, "namespace", d.Namespace)
	b = appendNumber(b, "inode", d.Inode)
	b = appendField(b, "restarts", strconv.Itoa(d.Restarts))
	if !d.Exited.IsZero() {
		b = appendExit(b, d.LastExit)
		b = appendTime(b, "exited", d.Exited)
	}
	b = appendText(b, "backoff", d.Backoff)
	b = appendText(b, "told", d.Told)
	return appendNumber(b, "done", uint64(bit(d.Done)))
}

func appendExit(b []byte, e ExitStatus) []byte {
	switch {
	case e.Unknown:
		return appendField(b, "exit", unknownExit)
	case e.Signal != 0:
		return appendNumber(b, "signal", uint64(e.Signal))
	}
	return appendField(b, "exit", strconv.Itoa(e.Code))
}

const unknownExit = "unknown"

// ParseDetail reads the text of a Detail. What is missing or makes no sense
// is zero.
func ParseDetail(text []byte) Detail {
	f := parseFields(text)
	return Detail{
		Pid:       f.number("pid"),
		Start:     uint64(f.number("start")),
		Instance:  f["instance"],
		In:        uint64(f.number("in")),
		Out:       uint64(f.number("out")),
		Boot:      f["boot"],
		Namespace: uint64(f.number("namespace")),
		Inode:     uint64(f.number("inode")),
		Restarts:  f.number("restarts"),
		LastExit: ExitStatus{
			Code:    f.number("exit"),
			Signal:  unix.Signal(f.number("signal")),
			Unknown: f["exit"] == unknownExit,
		},
		Exited:  f.time("exited"),
		Backoff: f["backoff"],
		Told:    f["told"],
		Done:    f["done"] == "1",
	}
}

// ReadDetail reads supervise/detail of dir. A supervisor that is not ours
// writes none: then the error is fs.ErrNotExist.
func ReadDetail(dir string) (Detail, error) {
	text, err := ReadSmall(StatePath(dir, DetailFile))
	if err != nil {
		return Detail{}, err
	}
	return ParseDetail(text), nil
}
