package agent

import (
	"context"
	"errors"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"syn3d/applets/service"
	"syn3d/protocol"
)

// actionLimit is how long a service may take to come up, and to go down, as for
// svcstart.
const actionLimit = 30 * time.Second

// act does something to a service, to its end even if nobody listens any
// longer: a choice that was made is not left half carried out.
func (a *Agent) act(r request, dir string, out *teller) error {
	if !slices.Contains(Actions(), r.Action) {
		return errors.New("not an action: " + service.Show(string(r.Action)))
	}
	w := &work{out: out}
	// What is for the next boot is done first of all: it is to be as was asked for
	// last, however long what is to be done now has to wait.
	err := w.carryOut(a.work, bootSteps(r.Action, dir))
	if err == nil && r.Action != Enable && r.Action != Disable {
		err = a.actInTurn(r, dir, w)
	}
	outcome := "OK"
	if err != nil {
		outcome = "FAILED: " + firstLine(err)
	}
	a.config.say(string(r.Action), r.Service, "for", r.By+":", outcome)
	a.tree.note(r.Service, WasAsked, string(r.Action)+", "+r.By+": "+outcome)
	done := a.tree.lookNow(r.Service)
	done.State.Done(commandOf(r.Action), err)
	w.tell(Progress{Done: &done})
	return nil
}

// actInTurn does what is for now, when those that it overtakes have ended.
func (a *Agent) actInTurn(r request, dir string, w *work) error {
	ctx, end := a.turns.begin(a.work, r)
	defer end()
	return w.carryOut(ctx, steps(r.Action, dir))
}

func firstLine(err error) string {
	line, _, _ := strings.Cut(err.Error(), "\n")
	return line
}

// A step is a part of an action: "Starting" a service.
type step struct {
	doing string
	do    func(ctx context.Context, w *work) error
	dir   string
}

// commandOf returns the command that does the same as an action.
func commandOf(action Action) string {
	switch action {
	case Start, Enable:
		return "svcenable"
	case Stop, Disable:
		return "svcdisable"
	}
	return "svc" + string(action)
}

// bootSteps returns the steps of an action that are for the next boot.
func bootSteps(action Action, dir string) []step {
	switch action {
	case Start, Enable:
		return []step{{"Enabling", func(context.Context, *work) error { return service.Enable(dir) }, dir}}
	case Stop, Disable:
		return []step{{"Disabling", func(context.Context, *work) error { return service.Disable(dir) }, dir}}
	}
	return nil
}

// steps returns the steps of an action that are for now.
func steps(action Action, dir string) []step {
	start := step{"Starting", func(ctx context.Context, w *work) error { return service.Start(ctx, dir, w.options()) }, dir}
	stop := step{"Stopping", func(ctx context.Context, w *work) error { return service.Stop(ctx, dir, w.options()) }, dir}
	start, stop = start.seenTo(protocol.Up), stop.seenTo(protocol.Down)
	if service.Inside(dir) {
		start, stop = withinStart(dir), withinStop(dir)
	}
	switch action {
	case Start:
		return []step{start}
	case Stop:
		return []step{stop}
	case Restart:
		return restart(dir, stop)
	case Reset:
		return []step{reset(dir, start, stop)}
	}
	return nil
}

// seenTo has the supervisor do a step that our own end interrupts, unverified: who
// comes after us knows nothing of it.
func (s step) seenTo(c protocol.Command) step {
	do := s.do
	s.do = func(ctx context.Context, w *work) error {
		err := do(ctx, w)
		if ctx.Err() != nil && overtakenBy(ctx) == nil {
			protocol.Send(s.dir, []byte{byte(c)})
		}
		return err
	}
	return s
}

// restart stops and starts a service, only if it runs, and brings it into the
// state in which it was: paused, say.
func restart(dir string, stop step) []step {
	if service.Inside(dir) {
		return []step{{"Restarting", func(context.Context, *work) error {
			return protocol.Send(dir, []byte{byte(protocol.Terminate)})
		}, dir}}
	}
	before, err := protocol.ReadStatus(dir)
	if err != nil || !before.Up() || protocol.Supervised(dir) != nil {
		return []step{{"Restarting", func(context.Context, *work) error { return errors.New("not running " + service.Show(dir)) }, dir}}
	}
	start := step{"Starting", func(ctx context.Context, w *work) error {
		options := w.options()
		options.Once, options.Pause = before.Want == protocol.WantOnce, before.Paused
		return service.Start(ctx, dir, options)
	}, dir}
	again := protocol.Up
	if before.Want == protocol.WantOnce {
		again = protocol.Once
	}
	return []step{stop.seenTo(again), start.seenTo(again)}
}

// reset has a service be what it should be.
func reset(dir string, start, stop step) step {
	down, err := protocol.NormallyDown(dir)
	switch {
	case err != nil:
		return step{"Resetting", func(context.Context, *work) error {
			return &protocol.Error{What: "unable to stat " + service.Show(dir+"/"+protocol.DownFile), Err: err}
		}, dir}
	case down:
		return stop
	}
	return start
}

// withinStop and withinStart are for the service that this process is: it
// cannot wait for its own end, and it runs already.
func withinStop(dir string) step {
	return step{"Stopping", func(context.Context, *work) error {
		return protocol.Send(dir, []byte{byte(protocol.Down)})
	}, dir}
}

func withinStart(dir string) step {
	return step{"Starting", func(context.Context, *work) error {
		return protocol.Send(dir, []byte{byte(protocol.Up)})
	}, dir}
}

// listenLimit is how long an action waits for who is told of it, and others for
// that action.
const listenLimit = 5 * time.Second

// A work tells how an action goes.
type work struct {
	mu   sync.Mutex
	out  *teller
	deaf bool // nobody listens
}

func (w *work) tell(p Progress) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.deaf {
		w.out.within(listenLimit)
		w.deaf = w.out.tell(p) != nil
	}
}

// carryOut carries out steps until one fails.
func (w *work) carryOut(ctx context.Context, steps []step) error {
	for _, s := range steps {
		head := s.doing + " " + service.Show(s.dir) + " ...."
		w.tell(Progress{Line: head})
		err := overtakenBy(ctx)
		if err == nil {
			err = s.do(ctx, w)
		}
		if why := overtakenBy(ctx); err != nil && why != nil {
			err = why
		}
		if err != nil {
			w.tell(Progress{Line: head + "FAILED"})
			w.tellLines(err.Error())
			return err
		}
		w.tell(Progress{Line: head + "OK"})
	}
	return nil
}

func (w *work) tellLines(text string) {
	for line := range strings.Lines(text) {
		w.tell(Progress{Line: strings.TrimRight(line, "\n")})
	}
}

func (w *work) options() service.Options {
	return service.Options{Limit: actionLimit, Watch: -1, Script: w.script}
}

// script returns where a control script prints.
func (w *work) script(path string) io.WriteCloser {
	return &scriptOutput{work: w, name: filepath.Base(path)}
}

// A scriptOutput tells what a control script prints, by the line.
type scriptOutput struct {
	work *work
	name string
	line []byte
}

// maxScriptLine is how long a line may be before it is cut into several.
const maxScriptLine = 1000

func (s *scriptOutput) Write(text []byte) (int, error) {
	for _, c := range text {
		if c == '\n' || len(s.line) == maxScriptLine {
			s.flush()
		}
		if c != '\n' {
			s.line = append(s.line, c)
		}
	}
	return len(text), nil
}

func (s *scriptOutput) flush() {
	if line := visible(s.line); line != "" {
		s.work.tell(Progress{Line: line})
	}
	s.line = s.line[:0]
}

func (s *scriptOutput) Close() error {
	s.flush()
	return nil
}
