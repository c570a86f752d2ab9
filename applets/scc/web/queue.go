package web

import (
	"context"
	"errors"
)

var errBusy = errors.New("too many at once")

// A queue lets one in after the other, and nobody wait who would be too far
// behind.
type queue struct {
	line chan struct{} // those who wait and the one who is in
	in   chan struct{}
}

func newQueue(length int) queue {
	return queue{line: make(chan struct{}, length), in: make(chan struct{}, 1)}
}

// enter waits for one's turn, which lasts until leave is called.
func (q queue) enter(ctx context.Context) (leave func(), err error) {
	select {
	case q.line <- struct{}{}:
	default:
		return nil, errBusy
	}
	select {
	case q.in <- struct{}{}:
		return func() { <-q.in; <-q.line }, nil
	case <-ctx.Done():
		<-q.line
		return nil, ctx.Err()
	}
}
