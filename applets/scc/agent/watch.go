package agent

import (
	"context"
	"math"
	"time"

	"syn3d/applets/service"
)

const (
	// usageEvery is how often who watches is told what services use: nothing
	// tells of a change of that.
	usageEvery = 10 * time.Second

	// usageAge is how old such knowledge may be.
	usageAge = 2 * time.Second

	// usageShare is how much of the time it may take to get it, at most: where
	// there are thousands of processes, it is asked for more rarely.
	usageShare = 1.0 / 400
)

// services returns all services.
func (a *Agent) services(usage bool) []Service {
	if usage {
		a.measure()
	}
	return a.tree.all()
}

func (a *Agent) service(name string) Service {
	a.measure()
	return a.tree.one(name)
}

// watch tells of all services, and then of their changes, until ctx is done.
func (a *Agent) watch(ctx context.Context, out *teller) error {
	a.measure()
	r := a.tree.join()
	defer a.tree.leave(r)
	if err := tellAll(a.tree.take(r), out); err != nil {
		return err
	}
	if err := out.tell(Event{Ready: true}); err != nil {
		return err
	}
	tick := time.NewTicker(usageEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-r.wake:
		case <-tick.C:
			a.measure()
		}
		if err := tellAll(a.tree.take(r), out); err != nil {
			return err
		}
	}
}

func tellAll(events []Event, out *teller) error {
	for _, event := range events {
		if err := out.tell(event); err != nil {
			return err
		}
	}
	return nil
}

// measure finds out what services use, if that has not just been done, and
// tells of those of which it has changed.
func (a *Agent) measure() {
	a.measuring.Lock()
	defer a.measuring.Unlock()
	if time.Now().Before(a.measureAfter) {
		return
	}
	began := time.Now()
	pids := map[string]int{}
	for _, s := range a.tree.all() {
		pids[s.Service] = s.Pid
	}
	a.tree.setUsage(a.meter.Measure(pids))
	now := time.Now()
	a.measureAfter = now.Add(max(usageAge, time.Duration(float64(now.Sub(began))/usageShare)))
}

// setUsage takes down what the services use, by their directories.
func (t *tree) setUsage(usage map[string]service.Usage) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for name, n := range t.nodes {
		fresh, known := usage[n.service.Service]
		if !known {
			fresh = service.Usage{}
		}
		old := n.service.Usage
		if n.service.Usage = &fresh; old == nil || noticeable(*old, fresh) {
			t.tell(name)
		}
	}
}

// noticeable reports whether somebody would see the difference.
func noticeable(a, b service.Usage) bool {
	return a.Processes != b.Processes || math.Abs(a.CPU-b.CPU) >= 0.5 ||
		math.Abs(float64(a.Memory)-float64(b.Memory)) > float64(a.Memory)/50
}
