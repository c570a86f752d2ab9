package supervisor

import (
	"path"
	"time"

	"syn3d/protocol"
)

const (
	// afterLimit is how long a service is held at boot for the sake of others.
	afterLimit = time.Minute

	// afterGlance is how often it is looked whether they have come so far. That
	// is done at boot only.
	afterGlance = 200 * time.Millisecond
)

// hold puts off the first start of a service that has a file after, until the
// services named there have been verified.
func (s *service) hold() {
	if !s.machine.Held() {
		return
	}
	scan, own := path.Dir(s.path), path.Base(s.path)
	for _, name := range protocol.After(s.path) {
		if protocol.LeadsTo(scan, name, own) {
			s.sayAfter("does not wait for " + name + ", which is itself to be started after it")
			continue
		}
		s.after = append(s.after, name)
	}
	if len(s.after) == 0 {
		return
	}
	limit := time.Now().Add(afterLimit)
	s.machine.Hold(limit.Add(Throttle)) // by then lookAfter has said why
	s.lookAfter(limit)
}

// lookAfter looks whether the wait is over, and comes back if it is not.
func (s *service) lookAfter(limit time.Time) {
	if !s.supervising() || !s.machine.Held() {
		return
	}
	now := time.Now()
	for len(s.after) > 0 && s.outcomeOf(s.after[0], now) {
		s.after = s.after[1:]
	}
	if len(s.after) > 0 {
		if now.Before(limit) {
			s.loop.after(afterGlance, func() { s.lookAfter(limit) })
			return
		}
		s.sayAfter("has waited a minute for " + s.after[0] + ", and is started now")
	}
	s.machine.Release(now)
	s.wake()
}

// outcomeOf reports whether there is no need to wait for a service any longer,
// and says why if it is not that it works.
func (s *service) outcomeOf(name string, now time.Time) bool {
	switch protocol.StartOutcome(path.Dir(s.path)+"/"+name, now) {
	case protocol.Pending:
		return false
	case protocol.Failed:
		s.sayAfter("is started although " + name + " has failed")
	case protocol.Unwanted:
		s.sayAfter("is started without " + name + ", which is not to be started")
	}
	return true
}

func (s *service) sayAfter(what string) {
	s.loop.say("supervise: warning: " + s.dir.name + " " + what)
}
