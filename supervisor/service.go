package supervisor

import (
	"time"

	"syn3d/protocol"

	"golang.org/x/sys/unix"
)

// A service is one supervised directory: its machine, and the files and the
// process on which the decisions of the machine are carried out.
type service struct {
	loop    *loop
	table   *table // of all descriptors here
	dir     *dir
	path    string // of the directory, absolute: the marker of its processes
	machine *Machine
	stdin   int
	stdout  int
	ended   func() // called once, when nothing is supervised any longer

	lock    int
	control int
	ok      int
	key     int32 // of control, in the poller
	child   pidfd // the instance, unless it was there before us

	timer       *time.Timer
	announced   protocol.Status
	writeAt     time.Time // when to write the status, zero if it is written
	detail      protocol.Detail
	detailBegun bool // it is of this supervisor
	detailDue   bool // to be written

	after   []string // what the first start still waits for
	adopted *adopted // the instance, if it was there before us

	takenOver   bool
	missedCrash bool // nobody has seen it, and nobody was told

	script       *script // that runs, nil if none does
	shuttingDown bool
	stopTried    bool // by the stop script

	monitor monitor
	lasts   *time.Timer // until the instance has run well

	startTrouble  complaint
	statusTrouble complaint
	detailTrouble complaint
	scriptTrouble complaint
	delayTrouble  complaint
}

// newService begins to supervise the directory name: it is served from now
// on, until ended is called. Nothing is started before begin is called.
func newService(l *loop, t *table, name string, stdin, stdout int, ended func()) (s *service, err error) {
	s = &service{
		loop: l, table: t, stdin: stdin, stdout: stdout, ended: ended,
		path: l.absolute(name), lock: -1, control: -1, ok: -1, child: noPidfd,
	}
	s.monitor = monitor{loop: l, name: monitorName(s.path)}
	t.do(func() {
		if err = s.open(name); err != nil {
			s.close()
		}
	})
	return s, err
}

// open does in the order of the original what makes a directory a supervised
// one: whoever finds ok served finds a status, too.
func (s *service) open(name string) (err error) {
	if s.dir, err = openDir(name); err != nil {
		return err
	}
	down, err := s.dir.normallyDown()
	if err != nil {
		return err
	}
	s.dir.makeState()
	if s.lock, err = s.dir.lock(); err != nil {
		return err
	}
	// Open for writing as well, it never comes to an end.
	if s.control, err = s.dir.openFIFO(protocol.ControlFile, unix.O_RDWR); err != nil {
		return err
	}
	s.detail = s.dir.pastDetail(s.loop.boot)
	if s.machine = s.takeOver(down); s.machine == nil {
		s.machine = NewMachine(down, time.Now())
	}
	s.writeStatus()
	if s.ok, err = s.dir.openFIFO(protocol.OkFile, unix.O_RDONLY); err != nil {
		return err
	}
	if s.key, err = s.loop.add(s.control, s.controlled); err != nil {
		return s.dir.failed("unable to read", protocol.ControlFile, err)
	}
	return nil
}

// act calls f, which may do what needs the table. To change the thread and back
// takes as long as much of a start does: so it happens once for all that an
// event leads to.
func (s *service) act(f func()) {
	if !s.supervising() {
		return
	}
	s.table.do(f)
	if !s.supervising() {
		s.ended()
	}
}

func (s *service) supervising() bool { return s.control >= 0 }

// begin starts what is to be started.
func (s *service) begin() {
	if s.missedCrash {
		s.reportCrash(s.detail.LastExit)
	}
	s.act(s.resumeScript)
	s.hold()
	s.wake()
}

// wake does what is due.
func (s *service) wake() { s.act(s.step) }

// stop takes the service down and then ends.
func (s *service) stop() { s.act(s.takeDown) }

// shutdown stops, too, but leaves it to the stop script if there is one.
func (s *service) shutdown() {
	if !s.shuttingDown {
		s.shuttingDown = true
		s.act(s.proceedShutdown)
	}
}

// finish ends when the service does.
func (s *service) finish() { s.act(func() { s.command(protocol.Exit) }) }

// controlled carries out the commands that have come.
func (s *service) controlled() { s.act(s.readControl) }

// exited takes note of the end of the service.
func (s *service) exited(status unix.WaitStatus) { s.gone(protocol.ExitStatusOf(status)) }

func (s *service) gone(exit protocol.ExitStatus) {
	s.act(func() {
		// What it wrote to its own control before it ended, as run scripts that
		// give up do, counts before its end does.
		s.readControl()
		s.stopLasting()
		s.letGo()
		now := time.Now()
		s.detail.LastExit, s.detail.Exited = exit, now
		if s.machine.Exited(exit, s.restartDelay(), now) {
			s.reportCrash(exit)
		}
		s.step()
	})
}

// proceedShutdown does what comes next: a start script that runs is ended, the
// stop script is run, and what that leaves is taken down.
func (s *service) proceedShutdown() {
	switch {
	case s.script != nil: // its end comes back here
		s.endStartScript(0)
	case s.machine.pid == 0 || s.stopTried || !s.runStopScript():
		s.takeDown()
	}
}

func (s *service) takeDown() {
	s.command(protocol.Down)
	if s.supervising() {
		s.command(protocol.Exit)
	}
}

func (s *service) readControl() {
	var commands [512]byte
	n := readNow(s.control, commands[:])
	for i := 0; i < n && s.supervising(); i++ {
		s.command(protocol.Command(commands[i]))
	}
}

func (s *service) command(c protocol.Command) {
	signals := s.machine.Control(c, time.Now())
	s.startTrouble.settle()
	for _, signal := range signals {
		s.signal(signal)
	}
	s.step()
}

func (s *service) signal(signal unix.Signal) {
	if s.adopted != nil {
		s.adopted.signal(signal)
	} else {
		s.loop.signal(s.machine.pid, signal)
	}
}

func (s *service) letGo() {
	s.loop.unwatch(s.child)
	s.child = noPidfd
	if s.adopted != nil {
		s.adopted.close()
		s.adopted = nil
	}
}

// step carries out what the machine wants until it wants to wait.
func (s *service) step() {
	for {
		action, until := s.machine.Next(time.Now())
		switch action {
		case Start:
			s.start()
			continue
		case Wait:
			s.announce()
			s.wakeAt(until)
			if s.machine.Abandoned() {
				s.endStartScript(scriptGrace)
			}
		case Done:
			s.announceDone()
			if s.script != nil { // its end comes back here
				s.endStartScript(0)
				return
			}
			s.close()
		}
		return
	}
}

func (s *service) start() {
	const run = "./" + protocol.RunFile
	s.beginDetail()
	name := instance{s.dir.identity, time.Now().UnixNano()}.String()
	pid, err := s.loop.start(program{
		path: run, argv: []string{run},
		dir: s.dir.path(), env: s.loop.environment(s.path, protocol.InstanceVariable, name),
		stdin: s.stdin, out: s.stdout, errors: 2,
	}, s.exited)
	now := time.Now()
	switch {
	case err == nil:
		s.detail.Instance = name
		s.child, _ = s.loop.watch(pid, func() { s.loop.collect(pid) }) // if not, SIGCHLD tells
		s.started(pid, now)
	case noProcess(err):
		s.machine.Failed(now)
		s.complain(&s.startTrouble, "warning", &protocol.Error{
			What: "unable to fork for " + s.dir.name + ", trying again", Err: err})
	default:
		s.machine.Unrunnable(now)
		if s.complain(&s.startTrouble, "fatal", s.dir.failed("unable to start", protocol.RunFile, err)) {
			s.monitor.report(stateCaution, "Unable to start: "+protocol.ErrorText(err))
		}
	}
}

func (s *service) started(pid int, now time.Time) {
	reason := s.machine.Reason()
	if reason != protocol.ReasonBoot {
		giveWay() // what comes now is for the record
	}
	s.machine.Started(pid, now)
	s.startTrouble.settle()
	if s.monitor.troubled() {
		s.awaitLasting()
	}
	if reason == protocol.ReasonCommand {
		return // whoever asked for it is to verify it
	}
	if reason == protocol.ReasonCrash {
		s.detail.Restarts++
	}
	if s.script == nil && s.dir.mode(protocol.StartScript) != 0 {
		s.loop.whenSpare(func() { s.act(func() { s.verifyStart(reason) }) })
	}
}

// complain says err, and reports whether it is something new.
func (s *service) complain(c *complaint, severity string, err error) bool {
	return c.make(s.loop.messages, "supervise: "+severity+": "+err.Error())
}

// wakeAt sees to a step at the time at, which may be zero for never, or when
// the status is to be written.
func (s *service) wakeAt(at time.Time) {
	if s.timer != nil {
		s.timer.Stop()
		s.timer = nil
	}
	if at.IsZero() || (!s.writeAt.IsZero() && s.writeAt.Before(at)) {
		at = s.writeAt
	}
	if !at.IsZero() {
		s.timer = s.loop.after(time.Until(at), s.wake)
	}
}

// close gives up every file, the lock last.
func (s *service) close() {
	s.stopLasting()
	s.letGo()
	s.writeAt = time.Time{}
	s.wakeAt(time.Time{})
	s.loop.remove(s.key)
	for _, fd := range []*int{&s.control, &s.ok, &s.lock} {
		if *fd >= 0 {
			unix.Close(*fd)
			*fd = -1
		}
	}
	if s.dir != nil {
		s.dir.close()
	}
}
