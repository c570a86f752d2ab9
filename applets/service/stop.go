package service

import (
	"context"
	"errors"
	"fmt"
	"time"

	"syn3d/protocol"

	"golang.org/x/sys/unix"
)

// Stop stops the service in dir and verifies that it has gone: that its
// process has ended, and that it has left none behind. Its stop script, if it
// has one, decides.
func Stop(ctx context.Context, dir string, o Options) error {
	s := stopper{
		dir: dir, options: o,
		script: script{dir: dir, name: protocol.StopScript, reason: protocol.ReasonStop, output: o.Script},
	}
	scripted, err := s.prepare()
	if err != nil {
		return err
	}
	if scripted {
		err = s.runScript(ctx)
	} else {
		err = s.down(ctx)
	}
	if ctx.Err() != nil {
		return interrupted(dir)
	}
	return err
}

// Running returns the status of the service in dir, down if it has no
// supervisor. An error says that it cannot be known.
func Running(dir string) (status protocol.Status, err error) {
	err = supervised(dir)
	if errors.Is(err, protocol.ErrNotRunning) {
		return status, nil
	}
	if err == nil {
		status, err = readStatus(dir)
	}
	return status, err
}

// readStatus is protocol.ReadStatus with errors that name dir.
func readStatus(dir string) (protocol.Status, error) {
	status, err := protocol.ReadStatus(dir)
	if err != nil {
		err = fmt.Errorf("%s: %w", Show(dir), err)
	}
	return status, err
}

// A stopper is a stop of a service.
type stopper struct {
	dir     string
	options Options
	script  script
	family  *family
}

// prepare looks for what would be in the way of the stop, and who belongs to
// the service. It reports whether there is a script.
func (s *stopper) prepare() (scripted bool, err error) {
	if callerReason(s.dir) == protocol.ReasonStop {
		return false, failure("%s: this is called by its own stop script, which is to use svc -d", Show(s.dir))
	}
	if scripted, err = s.script.find(); err != nil {
		return false, err
	}
	if err := supervised(s.dir); err != nil {
		return false, err
	}
	status, err := readStatus(s.dir)
	if err != nil {
		return false, err
	}
	s.family = findFamily(s.dir, int(status.Pid), s.options.Processes)
	return scripted, nil
}

// down has the supervisor stop the service.
func (s *stopper) down(ctx context.Context) error {
	watcher := protocol.Watch(s.dir)
	defer context.AfterFunc(ctx, watcher.Close)() // which ends Wait
	defer watcher.Close()
	if err := protocol.Send(s.dir, []byte{byte(protocol.Down)}); err != nil {
		return err
	}
	return s.awaitGone(ctx, watcher)
}

// runScript has the stop script stop the service. What it says counts, but
// one that has only sent the command is waited for.
func (s *stopper) runScript(ctx context.Context) error {
	watcher := protocol.Watch(s.dir)
	defer context.AfterFunc(ctx, watcher.Close)()
	defer watcher.Close()

	bounded, cancel := s.options.bounded(ctx)
	defer cancel()
	exit, err := s.runHeld(bounded)
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case err != nil && bounded.Err() != nil:
		return failure("%s has not ended after %s and was ended; the service is %s",
			Show(s.script.path()), seconds(s.options.Limit), describe(s.dir))
	case err != nil:
		return err
	case exit != protocol.ExitStatus{}:
		return failure("%s: %s; the service is %s", Show(s.script.path()), exit, describe(s.dir))
	}
	if status, err := protocol.ReadStatus(s.dir); err == nil && status.Up() && status.Want != protocol.WantDown {
		return nil // as its author wants it
	}
	return s.awaitGone(ctx, watcher)
}

// runHeld runs the stop script, and lets others who stop the service, too, know
// that it is at work and not what the service has left behind.
func (s *stopper) runHeld(ctx context.Context) (protocol.ExitStatus, error) {
	if hold := protocol.HoldStop(s.dir); hold >= 0 {
		defer unix.Close(hold)
	}
	return s.script.run(ctx)
}

// awaitGone waits until the service has gone.
func (s *stopper) awaitGone(ctx context.Context, watcher *protocol.Watcher) error {
	deadline := time.Now().Add(s.options.Limit)
	killed := false
	for ctx.Err() == nil {
		if err := supervised(s.dir); err != nil {
			return err
		}
		status, err := readStatus(s.dir)
		if err != nil {
			return err
		}
		if !status.Up() && status.Want == protocol.WantDown {
			return s.checkLeft()
		}
		if !time.Now().Before(deadline) {
			if killed || !s.options.Kill || !status.Up() {
				return s.stillUp(status, killed)
			}
			killed, deadline = true, time.Now().Add(killGrace)
			protocol.Send(s.dir, []byte{byte(protocol.Kill)})
		}
		watcher.Wait(deadline)
	}
	return ctx.Err()
}

// checkLeft looks for what the service has left behind.
func (s *stopper) checkLeft() error {
	left := s.family.leftovers(s.options.Kill)
	if left == nil {
		return nil
	}
	what := fmt.Sprintf("%s is down, but has left %d processes behind:", Show(s.dir), len(left))
	if len(left) == 1 {
		what = fmt.Sprintf("%s is down, but has left a process behind:", Show(s.dir))
	}
	return &Failure{What: what, Leftovers: left}
}

func (s *stopper) stillUp(status protocol.Status, killed bool) error {
	if !status.Up() {
		return failure("%s: the supervisor has not answered in %s", Show(s.dir), seconds(s.options.Limit))
	}
	p, ok := readProcess(int(status.Pid))
	what := fmt.Sprintf("%s still runs after %s: pid %d", Show(s.dir), seconds(s.options.Limit), status.Pid)
	if ok {
		what += fmt.Sprintf(", %s, %s", Show(p.Name), stateName(p.State))
	}
	if killed {
		what += "; it has been sent KILL"
	}
	return failure("%s", what)
}
