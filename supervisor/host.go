package supervisor

import (
	"bytes"
	"cmp"
	"os"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"syn3d/protocol"

	"golang.org/x/sys/unix"
)

const (
	// drainTime is how long a logger may take to end after it has read
	// everything, before it is stopped.
	drainTime = time.Second

	// drainLimit is when it is stopped even if there is more to read: what the
	// service has left in the pipe has been read by then, and the rest comes
	// from somebody who has outlived the service.
	drainLimit = 10 * time.Second

	// commandRetry is when a command is sent again to a supervise whose control
	// FIFO was full.
	commandRetry = time.Second
)

// A supervision is one supervise that svscan keeps: of a service or of its
// log.
type supervision struct {
	entry   *entry
	isLog   bool
	stdin   int
	stdout  int
	running supervise // nil if there is none
	queued  bool      // a launch is on its way
	ran     bool      // one has been there before

	trouble complaint
}

// A supervise is what runs a supervision: a service in this process, or a
// process.
type supervise interface {
	stop()     // takes the service down and then ends
	shutdown() // likewise, by the stop script if there is one
	finish()   // ends when the service does
}

// A host is a way to run supervises.
type host struct {
	// files is how many descriptors each may keep open in this process: the
	// directory, control, ok, the lock and a pidfd, and at times the lock of a
	// start.
	files int

	// launch starts one. It calls ended once, not before it has returned, with
	// the time to wait until another is started.
	launch func(v *supervision, ended func(pause time.Duration)) (supervise, error)
}

var (
	inProcess   = host{files: 6, launch: hosted}
	processEach = host{files: 0, launch: forkSupervise}
)

// name names the directory in messages, and to system calls.
func (v *supervision) name() string {
	if v.isLog {
		return v.entry.name + "/" + protocol.LogDir
	}
	return v.entry.name
}

// launchSoon launches unless it is running or waiting to.
func (v *supervision) launchSoon() {
	if v.running == nil && !v.queued {
		v.queued = true
		v.entry.scanner.loop.whenSpare(v.launch)
	}
}

func (v *supervision) launchAfter(pause time.Duration) {
	v.queued = true
	v.entry.scanner.loop.after(pause, v.launch)
}

func (v *supervision) launch() {
	v.queued = false
	sc := v.entry.scanner
	if sc.stopping || v.entry.retiring || !v.entry.found {
		v.entry.forgetIfGone()
		return
	}
	running, err := sc.host.launch(v, v.ended)
	if err != nil {
		v.trouble.make(sc.loop.messages, err.Error())
		v.launchAfter(lookAgain)
		return
	}
	v.trouble.settle()
	v.running, v.ran = running, true
}

func (v *supervision) ended(pause time.Duration) {
	v.running = nil
	v.launchAfter(pause)
	v.entry.ended(v)
}

// hosted supervises in this process.
func hosted(v *supervision, ended func(time.Duration)) (supervise, error) {
	l := v.entry.scanner.loop
	s, err := newService(l, v.entry.table, v.name(), v.stdin, v.stdout, func() { ended(lookAgain) })
	if err != nil {
		// In the words that a supervise of its own would have for it.
		return nil, &prefixed{"supervise: fatal: ", err}
	}
	s.begin()
	return s, nil
}

type prefixed struct {
	prefix string
	error
}

func (p *prefixed) Error() string { return p.prefix + p.error.Error() }

// A process is a supervise of its own.
type process struct {
	loop    *loop
	pid     int
	adopted *adopted // if it was there before us
}

func (p *process) alive() bool {
	if p.adopted != nil {
		return !p.adopted.over
	}
	return p.loop.isChild(p.pid)
}

func (p *process) signal(signal unix.Signal) {
	if p.adopted != nil {
		p.adopted.signal(signal)
	} else {
		p.loop.signal(p.pid, signal)
	}
}

// adoptSupervise takes over the supervise of a svscan before this one, nil if
// there is none.
func adoptSupervise(v *supervision, ended func(time.Duration)) *process {
	sc := v.entry.scanner
	id := identityOf(v.name())
	left := sc.supervises[id]
	delete(sc.supervises, id)
	if left.pid == 0 {
		return nil
	}
	p := &process{loop: sc.loop, pid: left.pid}
	p.adopted = sc.loop.adopt(sc.loop.tables.all[0], left.pid, left.start, func(exit protocol.ExitStatus) {
		p.adopted.close()
		if exit.Signal != 0 {
			ended(0)
			return
		}
		ended(lookAgain)
	})
	if p.adopted == nil {
		return nil
	}
	return p
}

// leftSupervises returns the processes named supervise that a svscan before
// this one has left, by the directory that they serve. Of an upgrade they are
// children of ours, else of whoever takes in orphans above us. Those of another
// svscan, or of the shell that has started this one, are not ours to take.
func (l *loop) leftSupervises() (found map[identity]marked) {
	parents := map[int]bool{os.Getpid(): true, 1: true}
	for pid := os.Getppid(); pid > 1; {
		process, _ := protocol.ReadProcess(pid)
		pid = process.Parent
		parents[pid] = true
	}
	untilSettled(func() (settled bool) {
		found, settled = map[identity]marked{}, true
		all, silent := survey(l.allPids(), l.superviseOf)
		l.noteSilent(silent)
		for pid, m := range all {
			process, ok := protocol.ReadProcess(pid)
			switch {
			case !ok || !parents[process.Parent]:
			case m.dir != identity{}:
				found[m.dir] = marked{pid: pid, dir: m.dir, start: process.Start}
			case m.becoming:
				settled = false
			}
		}
		return settled
	})
	return found
}

// superviseOf returns the directory that a supervise serves, or whether a
// process may become one.
func (l *loop) superviseOf(pid int) marked {
	if dir := servedBy(pid); dir != (identity{}) {
		return marked{dir: dir}
	}
	return marked{becoming: l.isBecoming(pid)}
}

// servedBy returns the directory that a supervise serves, zero for any other
// process. One that has just been started is not in it yet.
func servedBy(pid int) identity {
	proc := "/proc/" + strconv.Itoa(pid)
	cmdline, _ := os.ReadFile(proc + "/cmdline")
	argv := bytes.Split(cmdline, []byte{0})
	if len(argv) < 2 || path.Base(string(argv[0])) != "supervise" {
		return identity{}
	}
	if within := identityOf(proc + "/cwd/" + string(argv[1])); within != (identity{}) {
		return within
	}
	return identityOf(proc + "/cwd")
}

// forkSupervise starts a process named supervise, with the arguments that the
// original gives it.
func forkSupervise(v *supervision, ended func(time.Duration)) (supervise, error) {
	if p := adoptSupervise(v, ended); p != nil {
		return p, nil
	}
	l := v.entry.scanner.loop
	p := program{
		path: superviseProgram(), argv: []string{"supervise", v.entry.name},
		env: l.environ, stdin: v.stdin, out: v.stdout, errors: 2,
	}
	if v.isLog {
		p.argv[1] = protocol.LogDir
		p.dir = v.entry.name
		p.env = within(l.absolute(p.dir), p.env)
	}
	if v.isLost() {
		p.env = append(slices.Clip(p.env), seekVariable+"=1")
	}
	started := time.Now()
	exited := func(status unix.WaitStatus) {
		if status.Exited() {
			ended(lookAgain)
			return
		}
		ended(time.Until(started.Add(Throttle)))
	}
	var pid int
	var err error
	v.entry.table.do(func() { pid, err = l.start(p, exited) })
	if err != nil {
		what := "unable to start supervise " + v.name()
		if noProcess(err) {
			what = "unable to fork for " + v.name()
		}
		return nil, &prefixed{"svscan: warning: ", &protocol.Error{What: what, Err: err}}
	}
	return &process{loop: l, pid: pid}, nil
}

// isLost reports whether an instance may run of which no detail tells. Under
// svscan there may be a thousand of supervise: to look at all processes would
// take each of them as long as a start. So they do only if told so: if one
// before them has died, or if svscan, which looks once, has found something.
func (v *supervision) isLost() bool {
	if detail, _ := protocol.ReadDetail(v.name()); detail.Boot != "" {
		return false
	}
	sc := v.entry.scanner
	if !v.ran && !sc.hasBegun && sc.left == nil {
		sc.left = sc.loop.markedProcesses().instances
	}
	return v.ran || sc.left[identityOf(v.name())].pid != 0
}

// within returns an environment for a process that works in dir, by that name
// of it: dir may be a link.
func within(dir string, environ []string) []string {
	const variable = "PWD="
	others := slices.DeleteFunc(slices.Clone(environ), func(entry string) bool { return strings.HasPrefix(entry, variable) })
	return append(others, variable+dir)
}

// superviseProgram finds supervise as the original does, through PATH. Where
// there is none, this program serves.
func superviseProgram() string {
	return cmp.Or(findProgram("supervise"), "/proc/self/exe")
}

// stop prefers the control FIFO to TERM, which kills a supervise that is not
// ours and leaves its service running.
func (p *process) stop() {
	switch p.command("dx") {
	case nil:
	case unix.EAGAIN:
		p.loop.after(commandRetry, p.stop)
	default:
		p.signal(unix.SIGTERM)
	}
}

// shutdown leaves it to a supervise of ours, which knows of stop scripts, what
// to do at TERM. One of another suite writes no detail.
func (p *process) shutdown() {
	detail, err := protocol.ReadDetail("/proc/" + strconv.Itoa(p.pid) + "/cwd")
	if err == nil && detail.Boot == p.loop.boot && !detail.Done {
		p.signal(unix.SIGTERM)
		return
	}
	p.stop()
}

func (p *process) finish() {
	if p.command("x") == unix.EAGAIN {
		p.loop.after(commandRetry, p.finish)
	}
}

// command writes to the control FIFO of the directory that the process is in,
// wherever that has been moved to. It does not wait: if the FIFO is full, as
// that of a stopped process may be, it returns EAGAIN.
func (p *process) command(commands string) error {
	if !p.alive() {
		return nil
	}
	control := protocol.StatePath("/proc/"+strconv.Itoa(p.pid)+"/cwd", protocol.ControlFile)
	fd, err := unix.Open(control, unix.O_WRONLY|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	_, err = unix.Write(fd, []byte(commands))
	return err
}
