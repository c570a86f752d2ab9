package supervisor

import (
	"time"

	"syn3d/protocol"

	"golang.org/x/sys/unix"
)

const (
	// statusRetry is how long a service waits before it tries again to write a
	// status that could not be written at all.
	statusRetry = 5 * time.Second

	// termedDelay is how long the status does not tell that a TERM was sent.
	// Most services end upon it, and so do not have to wait for the write until
	// they are started anew.
	termedDelay = 10 * time.Millisecond
)

// A service is one supervised directory: its machine, and the files and the
// process on which the decisions of the machine are carried out.
type service struct {
	loop    *loop
	table   *table // of all descriptors here
	dir     *dir
	machine *Machine
	stdin   int
	stdout  int
	ended   func() // called once, when nothing is supervised any longer

	lock    int
	control int
	ok      int
	key     int32 // of control, in the poller

	timer     *time.Timer
	announced protocol.Status
	writeAt   time.Time // when to write the status, zero if it is written

	startTrouble  complaint
	statusTrouble complaint
}

// newService begins to supervise the directory name: it is served from now
// on, until ended is called. Nothing is started before wake is called.
func newService(l *loop, t *table, name string, stdin, stdout int, ended func()) (s *service, err error) {
	s = &service{
		loop: l, table: t, stdin: stdin, stdout: stdout, ended: ended,
		lock: -1, control: -1, ok: -1,
	}
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
	s.machine = NewMachine(down, time.Now())
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

// wake does what is due.
func (s *service) wake() { s.act(s.step) }

// stop takes the service down and then ends.
func (s *service) stop() {
	s.act(func() {
		s.command(protocol.Down)
		s.command(protocol.Exit)
	})
}

// finish ends when the service does.
func (s *service) finish() { s.act(func() { s.command(protocol.Exit) }) }

// controlled carries out the commands that have come.
func (s *service) controlled() { s.act(s.readControl) }

// exited takes note of the end of the service.
func (s *service) exited(unix.WaitStatus) {
	s.act(func() {
		// What it wrote to its own control before it ended, as run scripts that
		// give up do, counts before its end does.
		s.readControl()
		s.machine.Exited(time.Now())
		s.step()
	})
}

func (s *service) readControl() {
	var commands [512]byte
	n, _ := unix.Read(s.control, commands[:])
	for i := 0; i < n && s.supervising(); i++ {
		s.command(protocol.Command(commands[i]))
	}
}

func (s *service) command(c protocol.Command) {
	signals := s.machine.Control(c, time.Now())
	s.startTrouble.settle()
	for _, signal := range signals {
		s.loop.signal(s.machine.pid, signal)
	}
	s.step()
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
		case Done:
			s.announce()
			s.close()
		}
		return
	}
}

func (s *service) start() {
	const run = "./" + protocol.RunFile
	pid, err := s.loop.start(program{
		path: run, argv: []string{run},
		dir: s.dir.path(), stdin: s.stdin, out: s.stdout,
	}, s.exited)
	now := time.Now()
	switch {
	case err == nil:
		s.machine.Started(pid, now)
		s.startTrouble.settle()
	case noProcess(err):
		s.machine.Failed(now)
		s.complain(&s.startTrouble, "warning", &protocol.Error{
			What: "unable to fork for " + s.dir.name + ", trying again", Err: err})
	default:
		s.machine.Unrunnable(now)
		s.complain(&s.startTrouble, "fatal", s.dir.failed("unable to start", protocol.RunFile, err))
	}
}

func (s *service) complain(c *complaint, severity string, err error) {
	c.make(s.loop.messages, "supervise: "+severity+": "+err.Error())
}

// announce writes the status if it is time to.
func (s *service) announce() {
	now := time.Now()
	s.writeAt = announceAt(s.announced, s.machine.Status(), s.writeAt, now)
	if !s.writeAt.IsZero() && !now.Before(s.writeAt) {
		s.writeStatus()
	}
}

// announceAt returns when to write status, the zero time if there is no need.
// The last one was old, and after it a write was planned for the time planned,
// or none if that is zero.
func announceAt(old, status protocol.Status, planned, now time.Time) time.Time {
	if status == old {
		return planned
	}
	old.Termed = status.Termed
	if status != old {
		return now
	}
	if planned.IsZero() {
		return now.Add(termedDelay)
	}
	return planned
}

// writeStatus replaces the status. If that fails, the disk being full, say, it
// is overwritten: a status must not lie.
func (s *service) writeStatus() {
	s.announced, s.writeAt = s.machine.Status(), time.Time{}
	record := protocol.AppendStatus(nil, s.announced)
	err := s.dir.replaceStatus(record)
	if err == nil {
		s.statusTrouble.settle()
		return
	}
	s.complain(&s.statusTrouble, "warning", err)
	if s.dir.overwriteStatus(record) != nil {
		s.writeAt = time.Now().Add(statusRetry)
	}
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
