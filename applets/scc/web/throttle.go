package web

import (
	"sync"
	"time"
)

const (
	freeAttempts = 3 // before there is a wait
	longestWait  = 5 * time.Minute
	forgotten    = time.Hour // after the last attempt
	maxThrottled = 4096
)

// A throttle slows those down who guess passwords, by where they come from. The
// attempts of all from one network count, so that they cannot be many by having
// many addresses.
type throttle struct {
	mu       sync.Mutex
	attempts map[string]*attempts
}

// attempts are those from one network.
type attempts struct {
	failed int
	last   time.Time
	next   time.Time // the next one is not before
	told   bool      // that it has to wait
}

// try reports how long somebody has to wait before the next attempt. If he need
// not, this is it, and it is taken for a failure until succeeded is called: so
// many at once are no way around. First says that he has not been told before.
func (t *throttle) try(network string) (wait time.Duration, first bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	now := time.Now()
	a := t.of(network, now)
	if wait := a.next.Sub(now); wait > 0 {
		first, a.told = !a.told, true
		return wait, first
	}
	a.failed++
	a.last, a.told = now, false
	a.next = now.Add(waitAfter(a.failed))
	return 0, false
}

// succeeded forgets about attempts.
func (t *throttle) succeeded(network string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.attempts, network)
}

// retract takes back an attempt that nothing has come of, not even a failure.
func (t *throttle) retract(network string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if a := t.attempts[network]; a != nil {
		a.failed--
		a.next = a.last
	}
}

// waitAfter is nothing at first, then 1, 2, 4 ... seconds.
func waitAfter(failed int) time.Duration {
	if failed < freeAttempts {
		return 0
	}
	return min(time.Second<<min(failed-freeAttempts, 20), longestWait)
}

// of returns the attempts from a network. If there is no more room, those that
// have been let go for longest are forgotten.
func (t *throttle) of(network string, now time.Time) *attempts {
	if a := t.attempts[network]; a != nil && now.Sub(a.last) < forgotten {
		return a
	}
	if t.attempts == nil {
		t.attempts = map[string]*attempts{}
	}
	if len(t.attempts) >= maxThrottled {
		t.forget(now)
	}
	a := &attempts{last: now}
	t.attempts[network] = a
	return a
}

func (t *throttle) forget(now time.Time) {
	oldest := ""
	for network, a := range t.attempts {
		if now.Sub(a.last) >= forgotten {
			delete(t.attempts, network)
		} else if oldest == "" || a.next.Before(t.attempts[oldest].next) {
			oldest = network
		}
	}
	if len(t.attempts) >= maxThrottled {
		delete(t.attempts, oldest)
	}
}
