package applets

import (
	"os"
	"strings"
	"syscall"
	"time"

	"syn3d/supervisor/handover"

	"golang.org/x/sys/unix"
)

const (
	bootPath  = "/command:/usr/local/bin:/usr/local/sbin:/bin:/sbin:/usr/bin:/usr/sbin:/usr/X11R6/bin"
	titleSize = 400 // of what svscan and its services say last, in the list of processes

	// bootPause is how long it takes until a process that has ended is
	// started again.
	bootPause = time.Second
)

// A child is a process that reap waits for.
type child struct {
	pid    int             // 0 if it does not run
	status unix.WaitStatus // how it ended, when it has
}

func (c *child) gone() bool { return c.pid == 0 }

// signal sends a signal to the child, unless it has been waited for.
func (c *child) signal(s unix.Signal) {
	if !c.gone() {
		unix.Kill(c.pid, s)
	}
}

// A kept is a child that is started again when it ends.
type kept struct {
	child
	argv       []string
	stdin, out int         // out is standard output and error
	ready      func() bool // whether it may be started; nil means always
	follows    bool        // is killed when this process is
	delivers   bool        // what it is told while it starts: see package handover
	due        time.Time
}

// newTree returns what svscanboot keeps: an svscan, and a readproctitle that
// reads what is said below it. Their other standard descriptors are null.
// Both ends of the pipe stay open here: while a reader is missing, who writes
// waits.
func newTree(scanDir string, null int) (scan, title *kept, err error) {
	var pipe [2]int
	if err := unix.Pipe2(pipe[:], unix.O_CLOEXEC); err != nil {
		return nil, nil, err
	}
	scan = &kept{stdin: null, out: pipe[1], argv: []string{"svscan", scanDir}, delivers: true}
	title = &kept{stdin: pipe[0], out: null, argv: []string{"readproctitle", "service", "errors:", strings.Repeat(".", titleSize)}}
	return scan, title, nil
}

// keepUntil keeps children running until it is told a signal, which it
// returns. A child that has died is one of those that died tells of.
func keepUntil(told, died <-chan os.Signal, children ...*kept) os.Signal {
	var waitedFor []*child
	for _, k := range children {
		waitedFor = append(waitedFor, &k.child)
	}
	for {
		select {
		case s := <-told:
			return s
		case <-died:
			reap(waitedFor...)
		case <-startDue(children):
		}
	}
}

// startDue starts those of the children that are to be started by now, and
// returns a channel that tells when to look again. It is nil if all run.
func startDue(children []*kept) (due <-chan time.Time) {
	for _, k := range children {
		if k.gone() && !time.Now().Before(k.due) {
			k.start()
		}
		if k.gone() {
			due = time.After(bootPause)
		}
	}
	return due
}

// start starts the child of this very program: of another's svscan nobody
// knows what it does when it is told to stop.
func (k *kept) start() {
	k.due = time.Now().Add(bootPause)
	if k.ready != nil && !k.ready() {
		return
	}
	attr := &syscall.ProcAttr{
		Env:   keptEnvironment(),
		Files: []uintptr{uintptr(k.stdin), uintptr(k.out), uintptr(k.out)},
	}
	if k.follows {
		attr.Sys = &syscall.SysProcAttr{Pdeathsig: unix.SIGKILL}
	}
	fork := func() {
		if pid, err := syscall.ForkExec(ownProgram(), k.argv, attr); err == nil {
			k.pid = pid
		}
	}
	if k.delivers {
		handover.Fork(fork)
	} else {
		fork()
	}
}

// keptEnvironment is a clean one, but for where the state of services is.
func keptEnvironment() []string {
	environ := []string{"PATH=" + bootPath}
	if dir := os.Getenv("SUPERVISEDIR"); dir != "" {
		environ = append(environ, "SUPERVISEDIR="+dir)
	}
	return environ
}

// ownProgram returns the file of this program; after an upgrade, that is the
// new one.
func ownProgram() string {
	file, err := os.Executable()
	if err != nil || unix.Access(file, unix.X_OK) != nil {
		return "/proc/self/exe"
	}
	return file
}

// reap waits for children that have ended, and for strangers. It reports
// whether no child is left.
func reap(children ...*child) (alone bool) {
	for {
		var status unix.WaitStatus
		pid, err := unix.Wait4(-1, &status, unix.WNOHANG, nil)
		if err == unix.EINTR {
			continue
		}
		if err != nil || pid <= 0 {
			return err == unix.ECHILD
		}
		for _, c := range children {
			if c.pid == pid {
				c.pid, c.status = 0, status
			}
		}
	}
}
