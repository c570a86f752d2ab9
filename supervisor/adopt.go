package supervisor

import (
	"os"
	"time"

	"syn3d/protocol"

	"golang.org/x/sys/unix"
)

// gonePoll is how often an adopted process is looked at where the kernel has
// no pidfd.
const gonePoll = time.Second

// An adopted process is one that another supervisor has left when it died. It
// mostly is no child of ours.
type adopted struct {
	loop  *loop
	table *table // of fd
	gone  func(protocol.ExitStatus)
	pid   int
	start uint64
	pidfd      // none for a child
	over  bool // it has gone, or does not matter any longer
}

// adopt sees to it that gone is called when the process pid ends, which the
// kernel started at start. It returns nil if it has. It must be called where
// the table is in use.
func (l *loop) adopt(t *table, pid int, start uint64, gone func(protocol.ExitStatus)) *adopted {
	a := &adopted{loop: l, table: t, gone: gone, pid: pid, start: start, pidfd: noPidfd}
	watch, err := l.watch(pid, a.learn)
	// Only what has been opened cannot become another process any more.
	process, ok := protocol.ReadProcess(pid)
	if !ok || process.Start != start || l.isChild(pid) {
		l.unwatch(watch)
		return nil
	}
	if process.Parent == os.Getpid() { // see upgrade
		l.unwatch(watch)
		l.exited[pid] = func(status unix.WaitStatus) { a.end(protocol.ExitStatusOf(status)) }
		return a
	}
	a.pidfd = watch
	if err != nil {
		l.after(gonePoll, a.poll)
	}
	return a
}

func (a *adopted) end(exit protocol.ExitStatus) {
	if !a.over {
		a.over = true
		a.gone(exit)
	}
}

// signal sends a signal to the process, and to no other that has its pid.
func (a *adopted) signal(signal unix.Signal) {
	switch {
	case a.over:
	case a.fd >= 0:
		unix.PidfdSendSignal(a.fd, signal, nil, 0)
	case a.alive():
		unix.Kill(a.pid, signal)
	}
}

func (a *adopted) alive() bool {
	process, ok := protocol.ReadProcess(a.pid)
	return ok && process.Start == a.start && process.Alive()
}

// poll looks whether the process has ended.
func (a *adopted) poll() {
	if !a.over && a.alive() {
		a.loop.after(gonePoll, a.poll)
		return
	}
	a.end(protocol.ExitStatus{Unknown: true})
}

// How often, and how soon, the kernel is asked again for the exit status of a
// process whose parent has not waited for it yet.
const (
	exitTries = 20
	exitRetry = 5 * time.Millisecond
)

// learn is called when the process has ended.
func (a *adopted) learn() { a.learnExit(exitTries) }

func (a *adopted) learnExit(tries int) {
	if a.over {
		return
	}
	// As long as its parent has not waited for it, /proc has the answer, and
	// afterwards the pidfd.
	if process, ok := protocol.ReadProcess(a.pid); ok && process.Start == a.start && process.Exited {
		a.end(protocol.ExitStatusOf(process.Exit))
		return
	}
	var status unix.WaitStatus
	var err error
	a.table.do(func() { status, err = pidfdExit(a.fd) })
	switch {
	case err == nil:
		a.end(protocol.ExitStatusOf(status))
	case err == unix.EAGAIN && tries > 0:
		a.loop.after(exitRetry, func() { a.learnExit(tries - 1) })
	default:
		a.end(protocol.ExitStatus{Unknown: true})
	}
}

// close gives up watching. It must be called where the table is in use.
func (a *adopted) close() {
	a.over = true
	a.loop.unwatch(a.pidfd)
	a.pidfd = noPidfd
}
