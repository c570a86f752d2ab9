package agent

import (
	"context"
	"time"
)

// usageEvery is how often who watches is told what services use: nothing tells
// of a change of that.
const usageEvery = 10 * time.Second

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
