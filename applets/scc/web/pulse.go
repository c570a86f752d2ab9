package web

import (
	"context"
	"net/http"
	"strconv"
	"time"
)

// pulse is how often a page hears from us if nothing happens: so both sides
// notice when the other one has gone, and that the clock has been set.
const pulse = 30 * time.Second

// A source tells of events until it ends, tell fails, or ctx is done.
type source[T any] func(ctx context.Context, tell func(T) error) error

// serveEvents sends what a source tells of, until it ends or the reader has
// gone. Only one goroutine writes: this one.
func serveEvents[T any](w http.ResponseWriter, r *http.Request, from source[T], send func(*stream, T) error) {
	ctx, cancel := context.WithCancel(r.Context())
	defer cancel()
	events := make(chan T)
	ended := make(chan error, 1)
	go func() { ended <- from(ctx, into(ctx, events)) }() // ends with the source, which ends with ctx
	out := begin(w, "text/event-stream")
	ticks := time.NewTicker(pulse)
	defer ticks.Stop()
	for err := out.beat(); err == nil; {
		select {
		case event := <-events:
			err = send(out, event)
		case <-ticks.C:
			err = out.beat()
		case why := <-ended:
			out.ended(why)
			return
		case <-ctx.Done():
			return
		}
	}
}

// into returns what hands events over as long as somebody takes them.
func into[T any](ctx context.Context, events chan<- T) func(T) error {
	return func(event T) error {
		select {
		case events <- event:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// beat tells what time it is.
func (s *stream) beat() error {
	return s.event("beat", strconv.AppendInt(nil, time.Now().UnixMilli(), 10))
}

// ended tells that there is no more to come, and why.
func (s *stream) ended(err error) {
	word := "end"
	if err != nil {
		word = failureOf(err).Key
	}
	s.event("ended", []byte(word))
}
