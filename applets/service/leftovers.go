package service

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"time"

	"syn3d/protocol"

	"golang.org/x/sys/unix"
)

const (
	// leftoverMoment is how long what a service leaves behind may take to end.
	leftoverMoment = 500 * time.Millisecond

	// killGrace is how long what is to be killed may take to end.
	killGrace = 5 * time.Second
)

// A Leftover is a process that a service has left behind.
type Leftover struct {
	Pid     int       `json:"pid"`
	Command string    `json:"command"`
	Since   time.Time `json:"since"` // when it was started
	Cause   string    `json:"cause"` // why it was left behind, most likely
}

// leftovers returns what the family of a stopped service has left behind, a
// moment after it. With kill, it ends all of that.
func (f *family) leftovers(kill bool) (left []Leftover) {
	if f.mayLeave() {
		return nil
	}
	remaining := f.left()
	if len(remaining) > 0 {
		awaitEnd(remaining, leftoverMoment)
		remaining = f.left()
	}
	if kill && len(remaining) > 0 {
		f.end(remaining)
		remaining = f.left()
	}
	for _, p := range remaining {
		left = append(left, Leftover{Pid: p.Pid, Command: p.command(), Since: p.since(), Cause: f.cause(p)})
	}
	return left
}

func (f *family) mayLeave() bool {
	_, err := os.Lstat(f.dir.abs + "/" + protocol.LeaveFile)
	return !errors.Is(err, os.ErrNotExist)
}

// end ends processes, first in good part and then not.
func (f *family) end(processes []process) {
	for _, p := range processes {
		p.signal(unix.SIGTERM, unix.SIGCONT)
	}
	awaitEnd(processes, killGrace)
	// By now they may have started more.
	processes = f.left()
	for _, p := range processes {
		p.signal(unix.SIGKILL)
	}
	awaitEnd(processes, killGrace)
}

// cause returns why p was left behind, most likely.
func (f *family) cause(p process) string {
	before, known := f.members[p.identity()]
	switch {
	case known && before.Parent == f.leader.Pid && f.shell:
		return "run lacks the word exec before this program"
	case p.Session != f.leader.Session || p.Group != f.leader.Group:
		return "it went into the background: let it stay in the foreground, else use fghack"
	}
	return "nobody told it to end"
}

// isShell reports whether p is a shell, be it one that runs a script, which
// has the name of that.
func (p process) isShell() bool {
	program, _ := os.Readlink(procFile(p.Pid, "exe"))
	shells := []string{"sh", "bash", "dash", "ash", "busybox", "ksh", "mksh", "zsh"}
	return slices.Contains(shells, filepath.Base(program))
}
