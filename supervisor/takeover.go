package supervisor

import (
	"os"
	"strconv"
	"time"

	"syn3d/protocol"
)

// takeOver returns the machine of a directory that was supervised before, by
// a supervisor that has died and not ended: want and pause are what they were,
// and an instance that still runs is the instance. It returns nil if there is
// nothing to take over.
func (s *service) takeOver() *Machine {
	text, err := s.dir.read(protocol.StatusFile)
	if err != nil {
		return nil
	}
	status, err := protocol.ParseStatus(text)
	if err != nil {
		return nil
	}
	if s.detail.Boot == "" {
		return s.takeOverForeign(status)
	}
	if s.detail.Boot != s.loop.boot || s.detail.Inode != s.dir.identity().ino || s.detail.Done {
		return nil
	}
	m := Resume(status, time.Now())
	pid := s.survivor()
	switch {
	case pid == 0:
		s.missed(m)
	case pid != m.pid:
		// The supervisor died before it could write the status.
		m.Started(pid, time.Now())
	}
	if pid != 0 && !s.adopt(pid) {
		s.missed(m)
	}
	return m
}

// takeOverForeign does so where no supervisor of ours has been, or where the
// detail is damaged: with a process that demonstrably is the service.
func (s *service) takeOverForeign(status protocol.Status) *Machine {
	pid := int(status.Pid)
	if !status.Up() || !s.isOurs(pid) || !s.adopt(pid) {
		return nil
	}
	s.loop.say("supervise: warning: " + s.dir.name + ": taking over pid " + strconv.Itoa(pid) + ", which another supervisor has left")
	return Resume(status, time.Now())
}

// isOurs reports whether a process works in this directory or carries its
// marker.
func (s *service) isOurs(pid int) bool {
	process, ok := protocol.ReadProcess(pid)
	if !ok || !process.Alive() {
		return false
	}
	proc := "/proc/" + strconv.Itoa(pid)
	if identityOf(proc+"/cwd") == s.dir.identity() {
		return true
	}
	marker, _ := markerOf(proc)
	return marker != "" && identityOf(marker) == s.dir.identity()
}

// missed tells the machine of an end that nobody has seen.
func (s *service) missed(m *Machine) {
	if m.pid == 0 {
		return
	}
	now := time.Now()
	exit := protocol.ExitStatus{Unknown: true}
	s.detail.LastExit, s.detail.Exited = exit, now
	s.machine = m
	if m.Exited(exit, s.restartDelay(), now) {
		s.reportCrash(exit)
	}
}

// survivor returns the instance that the last supervisor left running, 0 if
// there is none: the one in the detail, or one that was started too late to be
// written down there, and so has a name that is not known.
func (s *service) survivor() int {
	seen := s.detail.Namespace == s.loop.namespace
	if seen && s.detail.Pid != 0 {
		process, ok := protocol.ReadProcess(s.detail.Pid)
		if ok && process.Start == s.detail.Start && (process.Alive() || process.Parent == os.Getpid()) {
			return s.detail.Pid
		}
	}
	for _, marked := range s.loop.markedProcesses()[s.dir.identity()] {
		if !seen || marked.instance != s.detail.Instance {
			s.detail.Instance = marked.instance
			return marked.pid
		}
	}
	return 0
}

// adopt takes a process for the instance, and reports whether it has not gone.
func (s *service) adopt(pid int) bool {
	s.adopted = s.loop.adopt(s.table, pid, s.gone)
	return s.adopted != nil
}
