package supervisor

import (
	"bytes"
	"cmp"
	"os"
	"path"
	"path/filepath"
	"strconv"
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
	v.running = running
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
func leftSupervises() map[identity]marked {
	parents := map[int]bool{os.Getpid(): true, 1: true}
	for pid := os.Getppid(); pid > 1; {
		process, _ := protocol.ReadProcess(pid)
		pid = process.Parent
		parents[pid] = true
	}
	found := map[identity]marked{}
	procs, _ := filepath.Glob("/proc/[0-9]*")
	for _, proc := range procs {
		pid, _ := strconv.Atoi(proc[len("/proc/"):])
		process, ok := protocol.ReadProcess(pid)
		if served := servedBy(proc); ok && parents[process.Parent] && served != (identity{}) {
			found[served] = marked{pid: pid, start: process.Start}
		}
	}
	return found
}

// servedBy returns the directory that a supervise serves, zero for any other
// process. One that has just been started is not in it yet.
func servedBy(proc string) identity {
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
