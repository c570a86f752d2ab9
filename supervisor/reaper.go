package supervisor

import (
	"slices"
	"strings"
	"syscall"

	"syn3d/protocol"

	"golang.org/x/sys/unix"
)

// A reaper starts every child of this process, signals it and waits for it.
// Only the loop calls it, and a child's pid is forgotten in the moment it is
// waited for: so no signal can hit a process that was given the pid anew.
type reaper struct {
	exited  map[int]func(unix.WaitStatus) // what to tell when a child ends
	environ []string
}

func newReaper() reaper {
	return reaper{exited: map[int]func(unix.WaitStatus){}, environ: ownEnvironment()}
}

// ownEnvironment is without what says to which service this process belongs,
// if it is run by a supervisor itself.
func ownEnvironment() []string {
	return slices.DeleteFunc(syscall.Environ(), func(variable string) bool {
		name, _, _ := strings.Cut(variable, "=")
		return name == protocol.MarkerVariable || name == protocol.InstanceVariable || name == protocol.ReasonVariable
	})
}

// environment returns that of a process of the service in the directory path,
// with one more variable.
func (r *reaper) environment(path, name, value string) []string {
	return append(slices.Clip(r.environ), protocol.MarkerVariable+"="+path, name+"="+value)
}

// A program is what to run in a child.
type program struct {
	path   string // absolute, or relative to dir
	argv   []string
	env    []string
	dir    string // the working directory, "" for our own
	stdin  int
	out    int  // standard output
	errors int  // standard error
	group  bool // a process group of its own
}

// start runs p. The error is an errno, of the fork or of the exec.
func (r *reaper) start(p program, exited func(unix.WaitStatus)) (pid int, err error) {
	attr := &syscall.ProcAttr{
		Dir:   p.dir,
		Env:   p.env,
		Files: []uintptr{uintptr(p.stdin), uintptr(p.out), uintptr(p.errors)},
	}
	if p.group {
		attr.Sys = &syscall.SysProcAttr{Setpgid: true}
	}
	pid, err = syscall.ForkExec(p.path, p.argv, attr)
	if err != nil {
		return 0, err
	}
	r.exited[pid] = exited
	return pid, nil
}

// noProcess reports whether err, from start, says that the system had no
// process to give, and not that the program cannot be run.
func noProcess(err error) bool {
	switch err {
	case unix.EAGAIN, unix.ENOMEM, unix.EMFILE, unix.ENFILE:
		return true
	}
	return false
}

// signal sends a signal to a child. One that has ended gets none.
func (r *reaper) signal(pid int, signal unix.Signal) {
	if r.isChild(pid) {
		unix.Kill(pid, signal)
	}
}

// isChild reports whether pid is a child that has not been waited for.
func (r *reaper) isChild(pid int) bool {
	_, ok := r.exited[pid]
	return ok
}

// signalGroup sends a signal to the process group of a child that was started
// with one, unless the child has ended.
func (r *reaper) signalGroup(pid int, signal unix.Signal) {
	if r.isChild(pid) {
		unix.Kill(-pid, signal)
	}
}

// reap waits for every child that has ended. Strangers, which a child left
// behind for us, are reaped too.
func (r *reaper) reap() {
	for r.collect(anyChild) {
	}
}

// collect waits for the child pid if it has ended, and tells of that. It
// reports whether it has.
func (r *reaper) collect(pid int) bool {
	ended, status := waitNow(pid)
	if ended == 0 {
		return false
	}
	exited := r.exited[ended]
	delete(r.exited, ended)
	if exited != nil {
		exited(status)
	}
	return true
}
