package service

import (
	"context"
	"fmt"
	"math"
	"time"

	"syn3d/protocol"

	"golang.org/x/sys/unix"
)

// supervisorLimit is how long Start waits for a supervisor to appear.
const supervisorLimit = 3 * time.Second

// Start starts the service in dir and verifies that it works: by its start
// script if it has one, else by watching it for a while. One that does not is
// taken down again, but a start script does that itself.
//
// If somebody else starts it just now, Start waits and shares the outcome.
func Start(ctx context.Context, dir string, o Options) error {
	s := starter{
		dir: dir, options: o,
		script: script{dir: dir, name: protocol.StartScript, reason: protocol.ReasonCommand, output: o.Script},
	}
	if err := s.prepare(); err != nil {
		return err
	}
	claim := s.claim(ctx)
	if claim.err != nil {
		return claim.err
	}
	defer claim.release()
	if claim.waited {
		if shared, err := s.shared(); shared {
			return err
		}
		unix.Unlink(protocol.StatePath(dir, protocol.VerdictFile))
	}
	s.log = listen(dir, o.Processes)
	err := s.start(ctx)
	if ctx.Err() != nil {
		return interrupted(dir)
	}
	s.record(err)
	return s.explain(err)
}

// A starter is a start of a service.
type starter struct {
	dir      string
	options  Options
	script   script
	scripted bool          // there is a script
	watch    time.Duration // else
	log      *log
}

// prepare looks for what would be in the way of the start.
func (s *starter) prepare() (err error) {
	if err := CheckCaller(s.dir); err != nil {
		return err
	}
	if err := checkRunnable(s.dir + "/" + protocol.RunFile); err != nil {
		return err
	}
	if s.scripted, err = s.script.find(); err != nil {
		return err
	}
	if s.watch, err = s.options.watchFor(s.dir); err != nil {
		return err
	}
	awaitSupervisor(s.dir, min(supervisorLimit, s.options.Limit))
	return supervised(s.dir)
}

// awaitSupervisor gives svscan the time to notice a service directory that has
// just come, and to see that nothing more is being made in it. There may not be
// anything yet that could tell of the supervisor, so it looks.
func awaitSupervisor(dir string, limit time.Duration) {
	deadline := time.Now().Add(limit)
	for protocol.Supervised(dir) != nil && time.Now().Before(deadline) {
		time.Sleep(50 * time.Millisecond)
	}
}

// supervised returns an error if no supervisor serves dir.
func supervised(dir string) error {
	err := protocol.Supervised(dir)
	if err == unix.ENXIO || err == unix.ENOENT {
		err = protocol.ErrNotRunning
	}
	if err != nil {
		return &protocol.Error{What: "unable to control " + Show(dir), Err: err}
	}
	return nil
}

// start has the service started and verified. The error is a plain one.
func (s *starter) start(ctx context.Context) (err error) {
	if s.scripted {
		err = s.runScript(ctx)
	} else {
		err = s.watchStart(ctx)
	}
	if err == nil && s.options.Pause {
		err = s.command(protocol.Pause, func(status protocol.Status) bool { return status.Paused })
	}
	return err
}

func (s *starter) runScript(ctx context.Context) error {
	outer := ctx
	ctx, cancel := s.options.bounded(ctx)
	defer cancel()
	exit, err := s.script.run(ctx)
	switch {
	case outer.Err() != nil:
		return outer.Err()
	case ctx.Err() != nil && err != nil:
		s.takeDown()
		return fmt.Errorf("%s has not ended after %s and was ended", Show(s.script.path()), seconds(s.options.Limit))
	case err != nil:
		return err
	case exit != protocol.ExitStatus{}:
		s.settle(isDown) // it may have been told so in this moment
		return fmt.Errorf("%s: %s; the service is %s", Show(s.script.path()), exit, describe(s.dir))
	}
	s.settle(protocol.Status.Up) // the script may have sent up in this moment
	if s.options.Once {
		return s.command(protocol.Once, func(status protocol.Status) bool { return status.Want == protocol.WantOnce })
	}
	return nil
}

// settleMoment is how long a command may take to show its effect.
const settleMoment = 200 * time.Millisecond

// takeDown has a service that does not work stopped, for otherwise its
// supervisor would try for ever.
func (s *starter) takeDown() { s.command(protocol.Down, isDown) }

func isDown(status protocol.Status) bool {
	return !status.Up() && status.Want == protocol.WantDown
}

// command sends a command and gives it a moment to show its effect.
func (s *starter) command(c protocol.Command, done func(protocol.Status) bool) error {
	err := protocol.Send(s.dir, []byte{byte(c)})
	if err == nil {
		s.settle(done)
	}
	return err
}

// settle gives a service a moment to come into a state.
func (s *starter) settle(done func(protocol.Status) bool) {
	watcher := protocol.Watch(s.dir)
	defer watcher.Close()
	for deadline := time.Now().Add(settleMoment); time.Now().Before(deadline); watcher.Wait(deadline) {
		if status, err := protocol.ReadStatus(s.dir); err == nil && done(status) {
			return
		}
	}
}

// record leaves the verdict for whoever wants to know. It is no failure of the
// start if that cannot be: the disk may be full.
func (s *starter) record(err error) {
	verdict := protocol.Verdict{OK: err == nil, Reason: protocol.ReasonCommand, By: protocol.ByWatch, At: time.Now()}
	if s.scripted {
		verdict.By = protocol.ByScript
	}
	if err != nil {
		verdict.Why = err.Error()
	}
	if status, err := protocol.ReadStatus(s.dir); err == nil && status.Up() {
		verdict.Pid, verdict.Since = status.Pid, status.Since.Time()
	}
	protocol.WriteVerdict(s.dir, verdict)
}

// explain adds to an error what helps to see the reason.
func (s *starter) explain(err error) error {
	if err == nil {
		return nil
	}
	lines, source := s.log.words(s.scripted)
	return &Failure{What: err.Error(), Cause: likelyCause(s.dir), LastWords: lines, Source: source}
}

// seconds says how long something has taken, in whole seconds if it did.
func seconds(d time.Duration) string {
	return fmt.Sprintf("%g seconds", math.Round(d.Seconds()*10)/10)
}
