package supervisor

import (
	"os"
	"os/signal"
	"path"
	"time"

	"syn3d/protocol"

	"golang.org/x/sys/unix"
)

// A loop is the one goroutine in which everything happens that this process
// supervises: it owns every service and every child. What happens elsewhere,
// in timers and in the poller, only sends it events. So there are no locks.
type loop struct {
	*poller
	reaper
	*messages
	tables *tables
	cwd    string // when we began
	boot   string // in which we run

	namespace uint64 // in which we see pids
	marked    markedProcesses
	markedAt  time.Time // when we looked for them, zero for never
	silent    []int     // processes that do not let themselves be looked at
	seeksLost bool      // whether to look for what no detail tells of

	// In each of these, one signal that waits stands for any number.
	children chan os.Signal // SIGCHLD
	ends     chan os.Signal // those that tell us to end
	scans    chan os.Signal // those that tell svscan to scan
	upgrades chan os.Signal // those that tell it to execute its program anew

	posted   chan func()
	deferred []func()
	always   chan struct{} // closed: can always be received from
	ended    bool

	holdReaping bool
	memory      int64 // that the runtime took at the beginning
}

// newLoop returns a loop that catches the signals that tell it to end.
func newLoop() (*loop, error) {
	PrepareRuntime()
	cwd, _ := os.Getwd() // without it, services are known by their relative names
	poller, err := newPoller()
	if err != nil {
		return nil, &protocol.Error{What: "unable to poll", Err: err}
	}
	l := &loop{
		poller:   poller,
		reaper:   newReaper(),
		messages: newMessages(2),
		tables:   newTables(),
		cwd:      cwd,
		boot:     protocol.BootID(),
		memory:   measureMemory(),

		namespace: protocol.PidNamespace(),

		children: make(chan os.Signal, 1),
		ends:     make(chan os.Signal, 1),
		scans:    make(chan os.Signal, 1),
		upgrades: make(chan os.Signal, 1),
		posted:   make(chan func()),
		always:   make(chan struct{}),
	}
	l.limitMemory(0)
	close(l.always)
	signal.Notify(l.children, unix.SIGCHLD)
	notify(l.ends, unix.SIGTERM, unix.SIGINT, unix.SIGQUIT)
	return l, nil
}

// notify has signals go to c. What we were started to ignore, by nohup, say, or
// by a shell in the background, stays ignored, in services, too.
func notify(c chan os.Signal, signals ...os.Signal) {
	for _, s := range signals {
		if !signal.Ignored(s) {
			signal.Notify(c, s)
		}
	}
}

// memoryEach is for a service, with its share of the stacks of a table's
// thread. If it were too little, garbage would be collected all the time.
const memoryEach = 6 << 10

// limitMemory limits the runtime to what that many services need.
func (l *loop) limitMemory(services int) {
	limitMemory(l.memory + int64(memoryEach*services))
}

// answers are what to do at signals. Those for which there is none must not have
// been asked for.
type answers struct{ end, scan, upgrade func() }

// run handles events until end is called.
func (l *loop) run(answer answers) {
	for !l.ended {
		select {
		case <-l.children:
			if !l.holdReaping {
				l.dispatchNow() // pidfds tell which: to look at a thousand children takes a while
				l.reap()
			}
		case <-l.ends:
			answer.end()
		case <-l.scans:
			answer.scan()
		case <-l.upgrades:
			answer.upgrade()
		case n := <-l.ready:
			l.dispatch(n)
		case event := <-l.posted:
			event()
		case <-l.spare():
			next := l.deferred[0]
			l.deferred = l.deferred[1:]
			next()
		}
	}
	l.flush()
}

// absolute returns the absolute path of a directory.
func (l *loop) absolute(dir string) string {
	if path.IsAbs(dir) {
		return path.Clean(dir)
	}
	return path.Join(l.cwd, dir)
}

// end makes run return.
func (l *loop) end() { l.ended = true }

// whenSpare calls do in a later turn, so that a thousand starts at once keep
// no event waiting for longer than one start takes.
func (l *loop) whenSpare(do func()) { l.deferred = append(l.deferred, do) }

// spare returns a channel that can be received from if work was deferred.
func (l *loop) spare() <-chan struct{} {
	if len(l.deferred) == 0 {
		return nil
	}
	return l.always
}

// after calls do in the loop when d has passed.
func (l *loop) after(d time.Duration, do func()) *time.Timer {
	return time.AfterFunc(d, func() { l.posted <- do })
}
