package supervisor

import (
	"os"
	"path"
	"strconv"
	"time"

	"syn3d/protocol"
)

// takeOver returns the machine of a directory that was supervised before, by
// a supervisor that has died and not ended: want and pause are what they were,
// and an instance that still runs is the instance. It returns nil if there is
// nothing to take over.
func (s *service) takeOver(normallyDown bool) *Machine {
	if s.detail.Done {
		return nil
	}
	status, known := s.pastStatus(normallyDown)
	if s.detail.Boot == "" {
		return s.takeOverUnknown(status)
	}
	pid, start := s.survivor()
	switch {
	case pid != 0:
	case s.detail.Namespace != s.loop.namespace:
		return nil // a container was started anew
	case !known && s.detail.Pid == 0:
		return nil // the supervisor died before it had started anything
	}
	m := Resume(status, s.detail.Backoff, s.restartDelay(), time.Now())
	if pid != 0 && pid != m.pid {
		// The supervisor died before it could write the status.
		m.Started(pid, time.Now())
	}
	if pid == 0 || !s.adopt(pid, start) {
		s.missed(m)
		if path.Base(s.path) == protocol.LogDir {
			// It has ended because nobody was left who could say something, and has
			// to be there before its service says something again: else that is lost
			// if svscan, which alone has the pipe then, dies once more.
			m.Hurry(time.Now())
		}
	}
	return m
}

// pastStatus returns the status that was left, or what it would be if there is
// none, or a damaged one, which is not known.
func (s *service) pastStatus(normallyDown bool) (status protocol.Status, known bool) {
	text, err := s.dir.read(protocol.StatusFile)
	if err == nil {
		if status, err := protocol.ParseStatus(text); err == nil {
			return status, true
		}
	}
	return NewMachine(normallyDown, time.Now()).Status(), false
}

// takeOverUnknown takes over where no supervisor of ours has been, or where
// the detail is lost or damaged: a process that demonstrably is the service.
func (s *service) takeOverUnknown(status protocol.Status) *Machine {
	pid, start := s.demonstrable(int(status.Pid))
	if pid == 0 || !s.adopt(pid, start) {
		return nil
	}
	s.loop.say("supervise: warning: " + s.dir.name + ": taking over pid " + strconv.Itoa(pid) + ", which another supervisor has left")
	m := Resume(status, "", growing, time.Now())
	if pid != m.pid {
		m.Started(pid, time.Now())
	}
	return m
}

// demonstrable returns a process that works in this directory, the one that
// was written down, or carries its marker.
func (s *service) demonstrable(written int) (pid int, start uint64) {
	process, ok := protocol.ReadProcess(written)
	if ok && process.Alive() && s.worksHere(written) {
		return written, process.Start
	}
	if !s.loop.seeksLost {
		return 0, 0
	}
	marked := s.loop.markedProcesses().instances[s.dir.identity]
	return marked.pid, marked.start
}

// worksHere reports whether a process works in this directory, or may: what does
// not answer is better taken for the instance than doubled.
func (s *service) worksHere(pid int) bool {
	found, silent := survey([]int{pid}, func(pid int) identity { return identityOf("/proc/" + strconv.Itoa(pid) + "/cwd") })
	s.loop.noteSilent(silent)
	dir, answered := found[pid]
	return dir == s.dir.identity || !answered
}

// missed tells the machine of an end that nobody has seen.
func (s *service) missed(m *Machine) {
	if m.pid == 0 {
		return
	}
	now := time.Now()
	exit := protocol.ExitStatus{Unknown: true}
	s.detail.LastExit, s.detail.Exited = exit, now
	s.missedCrash = m.Exited(exit, s.restartDelay(), now)
}

// survivor returns the instance that the last supervisor left running, 0 if
// there is none: the one in the detail, or a later one, which was started too
// late to be written down there. What an earlier one has left is none.
func (s *service) survivor() (pid int, start uint64) {
	seen := s.detail.Namespace == s.loop.namespace
	if seen && s.detail.Pid != 0 {
		process, ok := protocol.ReadProcess(s.detail.Pid)
		if ok && process.Start == s.detail.Start && (process.Alive() || process.Parent == os.Getpid()) {
			return s.detail.Pid, process.Start
		}
	}
	marked := s.loop.markedProcesses().instances[s.dir.identity]
	if marked.pid == 0 || seen && marked.name.began <= parseInstance(s.detail.Instance).began {
		return 0, 0
	}
	s.detail.Instance = marked.name.String()
	return marked.pid, marked.start
}

// adopt takes a process for the instance, and reports whether it has not gone.
func (s *service) adopt(pid int, start uint64) bool {
	s.adopted = s.loop.adopt(s.table, pid, start, s.gone)
	s.takenOver = s.adopted != nil
	if s.takenOver && s.detail.Told != "" {
		s.monitor.told.state = s.detail.Told
		s.awaitLasting()
	}
	return s.takenOver
}

// resumeScript goes on with the verification of an instance that was taken
// over: with its start script, if that still runs, or with another one if that
// has gone without a verdict.
func (s *service) resumeScript() {
	if !s.takenOver || s.machine.pid == 0 || s.dir.has(protocol.VerdictFile) || s.dir.executable(protocol.StartScript) != nil {
		return
	}
	running := s.loop.markedProcesses().scripts[s.dir.identity]
	if running.pid == 0 {
		s.verifyStart(protocol.ReasonCrash)
		return
	}
	lock, err := s.dir.tryLock(protocol.StartLockFile)
	if err != nil {
		return // svcstart goes on with it
	}
	c := &script{service: s, file: protocol.StartScript, reason: running.reason, lock: lock, pid: running.pid, said: s.monitor.mark()}
	s.script = c
	if c.adopted = s.loop.adopt(s.table, running.pid, running.start, c.gone); c.adopted == nil {
		// Not at once: the table is in use.
		s.loop.whenSpare(func() { c.gone(protocol.ExitStatus{Unknown: true}) })
	}
}
