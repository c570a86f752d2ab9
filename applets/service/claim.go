package service

import (
	"context"
	"errors"
	"time"

	"syn3d/protocol"

	"golang.org/x/sys/unix"
)

// A claim is to be the only one who verifies a start of a service.
type claim struct {
	lock   int  // -1 where the disk has no room for one
	waited bool // for another one
	err    error
}

// deadlockInterval is how often to look whether whoever is waited for waits for
// us: two may begin to wait for each other at the same time.
const deadlockInterval = time.Second

// claim waits until nobody else verifies a start of the service. The wait for
// a lock cannot be interrupted: if it must be, it is left to the end of the
// process, or of the other one.
func (s *starter) claim(ctx context.Context) claim {
	first := s.tryClaim(false)
	if !errors.Is(first.err, unix.EWOULDBLOCK) {
		return first
	}
	got := make(chan claim, 1)
	go func() { got <- s.tryClaim(true) }()
	err := s.awaitClaim(ctx, got)
	if err == nil {
		return <-got
	}
	go func() {
		c := <-got
		c.release()
	}()
	return claim{err: err}
}

// tryClaim takes the lock, if asked to when another one has given it up.
func (s *starter) tryClaim(wait bool) claim {
	lock, waited, err := protocol.ClaimStart(s.dir, wait)
	if errors.Is(err, unix.ENOSPC) || errors.Is(err, unix.EDQUOT) || errors.Is(err, unix.EROFS) {
		// A service must be able to start on a full disk, too.
		lock, err = -1, nil
	}
	if err != nil {
		err = &protocol.Error{What: "unable to lock " + Show(startLock(s.dir)), Err: err}
	}
	return claim{lock, waited, err}
}

func (c claim) release() {
	if c.err == nil && c.lock >= 0 {
		unix.Close(c.lock)
	}
}

// awaitClaim waits until there is something in got, or returns why it does not
// wait any longer.
func (s *starter) awaitClaim(ctx context.Context, got chan claim) error {
	bounded, cancel := s.options.bounded(ctx)
	defer cancel()
	tick := time.NewTicker(deadlockInterval)
	defer tick.Stop()
	for {
		select {
		case c := <-got:
			got <- c
			return nil
		case <-tick.C:
			if err := CheckCaller(s.dir); err != nil {
				return err
			}
		case <-bounded.Done():
			if errors.Is(bounded.Err(), context.DeadlineExceeded) {
				return failure("another start of %s has not ended after %s", Show(s.dir), seconds(s.options.Limit))
			}
			return interrupted(s.dir)
		}
	}
}

// shared returns the outcome of the start that was waited for. It is not
// shared if there is none, or if it is the failure of what the supervisor
// tried: that has not been asked for.
func (s *starter) shared() (shared bool, err error) {
	verdict, err := protocol.ReadVerdict(s.dir)
	if err != nil {
		return false, nil
	}
	status, err := protocol.ReadStatus(s.dir)
	switch {
	case err != nil:
		return false, nil
	case verdict.OK:
		return verdict.Of(status), nil
	case verdict.Reason == protocol.ReasonCommand:
		return true, failure("another start of %s has failed: %s", Show(s.dir), verdict.Why)
	}
	return false, nil
}
