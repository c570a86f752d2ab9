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

// serveEvents sends the events that a source tells of, until it ends or the
// reader has gone. What tell is given, is sent by send, one after the other.
func serveEvents[T any](w http.ResponseWriter, r *http.Request,
	source func(ctx context.Context, tell func(T) error) error, send func(*stream, T) error) {

	ctx, cancel := context.WithCancel(r.Context())
	defer cancel()
	events := make(chan T)
	ended := make(chan error, 1)
	go func() { // ends with the source, which ends with ctx
		ended <- source(ctx, func(event T) error {
			select {
			case events <- event:
				return nil
			case <-ctx.Done():
				return ctx.Err()
			}
		})
	}()
	out := begin(w, "text/event-stream")
	if out.beat() != nil {
		return
	}
	ticks := time.NewTicker(pulse)
	defer ticks.Stop()
	for {
		var err error
		select {
		case event := <-events:
			err = send(out, event)
		case <-ticks.C:
			err = out.beat()
		case err = <-ended:
			out.ended(err)
			return
		case <-ctx.Done():
			return
		}
		if err != nil {
			return
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
