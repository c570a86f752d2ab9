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

// writeStatus replaces the status, and before it, where the instance is another
// one, the detail: who sees the new status finds the detail that belongs to it.
func (s *service) writeStatus() {
	s.announced, s.writeAt = s.machine.Status(), time.Time{}
	if s.detail.Pid != s.machine.pid {
		s.noteInstance()
	}
	s.writeDetail()
	s.write(&s.statusTrouble, protocol.StatusFile, protocol.AppendStatus(nil, s.announced))
}

func (s *service) writeDetail() {
	if s.detailDue {
		s.detailDue = !s.write(&s.detailTrouble, protocol.DetailFile, protocol.AppendDetail(nil, s.detail))
	}
}

// beginDetail says, before the first start, that there is a supervisor, and what
// pipes it has for the service: they need not be those of the one before it. If it
// dies before it can write down what it has started, the next one will look for
// that.
func (s *service) beginDetail() {
	if !s.detailBegun {
		s.detailBegun = true
		s.noteInstance()
		s.writeDetail()
	}
}

// noteInstance brings the detail up to date.
func (s *service) noteInstance() {
	process, _ := protocol.ReadProcess(s.machine.pid)
	d := &s.detail
	d.Pid, d.Start = s.machine.pid, process.Start
	d.In, d.Out = pipeInode(s.stdin), pipeInode(s.stdout)
	d.Boot, d.Namespace, d.Inode = s.loop.boot, s.loop.namespace, s.dir.identity.ino
	d.Backoff = s.machine.Backoff()
	d.Told, d.Done = s.monitor.trouble(), false
	s.detailDue = true
}

// pipeInode returns the inode of a pipe, 0 for anything else.
func pipeInode(fd int) uint64 {
	var st unix.Stat_t
	if unix.Fstat(fd, &st) != nil || st.Mode&unix.S_IFMT != unix.S_IFIFO {
		return 0
	}
	return st.Ino
}

// announceDone says that the next supervisor of the directory has nothing to
// take over. One that never ran has left nothing behind.
func (s *service) announceDone() {
	s.announce()
	if s.detail.Boot != "" && !s.detail.Done {
		s.detail.Done, s.detailDue = true, true
		s.writeDetail()
	}
}

// write replaces a file and reports whether it could. If not, the disk being
// full, say, the file is overwritten: a status must not lie. If that fails,
// too, writing is due again in a while.
func (s *service) write(trouble *complaint, file string, content []byte) bool {
	err := s.dir.replace(file, content)
	if err == nil {
		trouble.settle()
		return true
	}
	s.complain(trouble, "warning", err)
	if s.dir.overwrite(file, content) != nil {
		s.writeAt = time.Now().Add(statusRetry)
		return false
	}
	return true
}
