package supervisor

import (
	"time"

	"syn3d/protocol"

	"golang.org/x/sys/unix"
)

const (
	// scriptGrace is how long a start script may take to end after the service
	// has been taken down, be it by the script itself.
	scriptGrace = 5 * time.Second

	// stopLimit is how long a stop script may take, when nobody is there to
	// choose a limit.
	stopLimit = time.Minute

	// killAfter is how long a script may take to end after TERM.
	killAfter = 5 * time.Second
)

// A script is a control script that the supervisor runs: start, after it has
// started the service of its own accord, or stop, before it shuts down. A
// service has at most one at a time, in a process group of its own.
type script struct {
	service *service
	file    string
	pid     int
	reason  string
	lock    int  // of whoever verifies a start; -1 for a stop script
	ending  bool // by us: its exit code means nothing then
	overdue bool // for the reason that the service is down, and it did not end
	timer   *time.Timer
	adopted *adopted // if it was there before us
	said    mark     // what the monitor had been told before
}

// runScript runs a control script. The lock is given up when the script ends.
func (s *service) runScript(file, reason string, lock int) error {
	if err := s.dir.executable(file); err != nil {
		return err
	}
	c := &script{service: s, file: file, reason: reason, lock: lock, said: s.monitor.mark()}
	out := 2
	if s.logged() {
		out = s.stdout
	}
	var err error
	c.pid, err = s.loop.start(program{
		path: "./" + file, argv: []string{"./" + file},
		dir: s.dir.path(), env: s.loop.environment(s.path, protocol.ReasonVariable, reason),
		stdin: 0, out: out, errors: out, group: true,
	}, c.exited)
	if err != nil {
		return err
	}
	s.scriptTrouble.settle()
	s.script = c
	return nil
}

// logged reports whether the service has a log. A supervise of its own, which
// svscan has given the pipe to it as standard output, sees that by the directory.
func (s *service) logged() bool {
	return s.stdout != 1 || s.dir.mode(protocol.LogDir) != 0
}

// cannotRun complains about a control script, and reports whether that is new.
func (s *service) cannotRun(file string, err error) bool {
	return s.complain(&s.scriptTrouble, "warning", s.dir.failed("unable to run", file, err))
}

// verifyStart runs the start script of a service that the supervisor itself
// has started. One that still runs, or that svcstart runs, goes on to verify
// this instance, too: it gives a service that crashes again and again as long
// as its author meant to.
func (s *service) verifyStart(reason string) {
	if s.script != nil || s.machine.Abandoned() {
		return
	}
	lock, err := s.dir.tryLock(protocol.StartLockFile)
	if err == unix.EWOULDBLOCK {
		return
	}
	if err != nil {
		s.complain(&s.scriptTrouble, "warning", s.dir.failed("unable to acquire", protocol.StartLockFile, err))
		return
	}
	s.dir.remove(protocol.VerdictFile)
	if err := s.runScript(protocol.StartScript, reason, lock); err != nil {
		s.record(reason, protocol.ErrorText(err))
		if s.cannotRun(protocol.StartScript, err) {
			s.monitor.report(stateCaution, startupError)
		}
		unix.Close(lock)
	}
}

// runStopScript runs the stop script, once, and reports whether it does. How it
// ends the service is its own business: by a signal of its own, say.
func (s *service) runStopScript() bool {
	s.stopTried = true
	if s.dir.mode(protocol.StopScript) == 0 {
		return false
	}
	s.machine.LetEnd()
	if err := s.runScript(protocol.StopScript, protocol.ReasonShutdown, -1); err != nil {
		s.cannotRun(protocol.StopScript, err)
		return false
	}
	s.script.timer = s.loop.after(stopLimit, s.script.end)
	return true
}

// endStartScript ends the start script if one runs, after a moment in which it
// may yet end by itself.
func (s *service) endStartScript(grace time.Duration) {
	c := s.script
	if c == nil || c.lock < 0 || c.ending {
		return
	}
	if grace == 0 {
		c.end()
	} else if c.timer == nil {
		c.timer = s.loop.after(grace, c.expire)
	}
}

// expire ends a start script that was given time. A service that has been
// started again meanwhile is to be verified by it, too.
func (c *script) expire() {
	if c.service.script != c || c.ending {
		return
	}
	if c.timer = nil; c.service.machine.Abandoned() {
		c.overdue = true
		c.end()
	}
}

func (c *script) end() {
	if c.service.script != c || c.ending {
		return
	}
	c.stopTimer()
	c.ending = true
	c.signal(unix.SIGTERM)
	c.signal(unix.SIGCONT)
	c.timer = c.service.loop.after(killAfter, func() {
		if c.service.script == c {
			c.signal(unix.SIGKILL)
		}
	})
}

// signal sends a signal to the whole group of the script.
func (c *script) signal(signal unix.Signal) {
	if c.adopted == nil {
		c.service.loop.signalGroup(c.pid, signal)
	} else if !c.adopted.over {
		unix.Kill(-c.pid, signal)
	}
}

func (c *script) stopTimer() {
	if c.timer != nil {
		c.timer.Stop()
	}
}

func (c *script) exited(status unix.WaitStatus) { c.gone(protocol.ExitStatusOf(status)) }

func (c *script) gone(exit protocol.ExitStatus) {
	c.stopTimer()
	if c.ending {
		// What it has started need not heed TERM. As long as any of that is
		// there, no other group can have the number.
		unix.Kill(-c.pid, unix.SIGKILL)
	}
	s := c.service
	s.act(func() {
		s.script = nil
		if c.adopted != nil {
			c.adopted.close()
		}
		if c.lock >= 0 {
			if c.overdue || !c.ending && !exit.Unknown {
				s.judge(c, c.failure(exit))
			}
			unix.Close(c.lock)
		}
		if s.shuttingDown {
			s.proceedShutdown()
		} else {
			s.step()
		}
	})
}

// failure returns why a start script has failed, "" if it has not.
func (c *script) failure(exit protocol.ExitStatus) string {
	switch {
	case c.overdue:
		return "still running " + scriptGrace.String() + " after the service was taken down"
	case exit == protocol.ExitStatus{}:
		return ""
	}
	return exit.String()
}

// startupError is what the monitor is told of a start that is not verified.
const startupError = "Startup error"

// judge writes down what the start script has found, why being empty if the
// service works. If it has failed without a word to the monitor, the monitor is
// told. If it has not, but the service has ended meanwhile, there is nothing to
// be said but that.
func (s *service) judge(c *script, why string) {
	if why == "" {
		if s.machine.Status().Up() {
			s.record(c.reason, why)
			s.monitor.recovered()
		}
		return
	}
	s.loop.say("supervise: warning: " + s.dir.name + "/" + c.file + " has failed: " + why)
	s.record(c.reason, why)
	if !s.monitor.toldSince(c.said) {
		s.monitor.report(stateCaution, startupError)
	}
}

// record writes the verdict of the start script. One by which the service does
// not work is not made up for by the time that it lasts.
func (s *service) record(reason, why string) {
	if why != "" {
		s.stopLasting()
	}
	status := s.machine.Status()
	err := s.dir.replace(protocol.VerdictFile, protocol.AppendVerdict(nil, protocol.Verdict{
		OK:     why == "",
		Pid:    status.Pid,
		Since:  status.Since.Time(),
		Reason: reason,
		By:     protocol.ByScript,
		Why:    why,
		At:     time.Now(),
	}))
	if err != nil {
		s.complain(&s.scriptTrouble, "warning", err)
	}
}
