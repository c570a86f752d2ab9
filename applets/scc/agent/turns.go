package agent

import (
	"context"
	"errors"
	"maps"
	"slices"
	"sync"
	"time"

	"syn3d/applets/service"
)

// turns have the last of what is asked for a service count. A start that is under
// way ends when a stop is asked for, and cannot bring the service up behind its
// back. The same once more contradicts nothing, and is done at the same time.
type turns struct {
	mu       sync.Mutex
	underway map[string][]*turn // by the names of services
}

// A turn is an action that is under way, or waits for those that it has overtaken.
type turn struct {
	action Action
	end    context.CancelCauseFunc
	ended  chan struct{}
}

// An overtaken action is one after which another one was asked for.
type overtaken struct{ by request }

func (o overtaken) Error() string {
	return "overtaken by " + string(o.by.Action) + ", " + service.Show(o.by.By)
}

// overtakenBy returns why the action of a context was overtaken, nil if it was not.
func overtakenBy(ctx context.Context) error {
	if why := new(overtaken); errors.As(context.Cause(ctx), why) {
		return *why
	}
	return nil
}

// overtakeLimit is how long to wait for what was overtaken. A script has less to
// end, but the kernel may keep it, and it must not keep a stop waiting. It cannot
// begin anything more.
const overtakeLimit = 10 * time.Second

// begin returns when those that a request overtakes have ended. Its own context is
// done when it is overtaken itself. It has ended when end is called.
func (t *turns) begin(ctx context.Context, r request) (own context.Context, end func()) {
	own, cancel := context.WithCancelCause(ctx)
	mine := &turn{r.Action, cancel, make(chan struct{})}
	others := slices.DeleteFunc(t.enter(r.Service, mine), func(other *turn) bool { return other.action == r.Action })
	for _, other := range others {
		other.end(overtaken{r})
	}
	awaitEnds(others)
	return own, func() { t.leave(r.Service, mine) }
}

// enter returns those that were there before.
func (t *turns) enter(name string, mine *turn) []*turn {
	t.mu.Lock()
	defer t.mu.Unlock()
	others := slices.Clone(t.underway[name])
	if t.underway == nil {
		t.underway = map[string][]*turn{}
	}
	t.underway[name] = append(others, mine)
	return others
}

func (t *turns) leave(name string, mine *turn) {
	t.mu.Lock()
	defer t.mu.Unlock()
	left := slices.DeleteFunc(slices.Clone(t.underway[name]), func(other *turn) bool { return other == mine })
	if t.underway[name] = left; len(left) == 0 {
		delete(t.underway, name)
	}
	mine.end(nil)
	close(mine.ended)
}

// wait returns when all that is under way, and has been interrupted, has ended.
func (t *turns) wait() {
	t.mu.Lock()
	all := slices.Concat(slices.Collect(maps.Values(t.underway))...)
	t.mu.Unlock()
	awaitEnds(all)
}

// awaitEnds returns when they have ended, or the time is up.
func awaitEnds(all []*turn) {
	limit := time.After(overtakeLimit)
	for _, one := range all {
		select {
		case <-one.ended:
		case <-limit:
			return
		}
	}
}
