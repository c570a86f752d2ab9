package agent

import (
	"maps"
	"slices"
)

// A reader is told of changes: it is woken, and takes what has piled up, of
// each service only the newest.
type reader struct {
	wake    chan struct{}
	changed map[string]bool // behind the tree's mu
}

// tell has readers told of a service. The caller holds mu.
func (t *tree) tell(name string) {
	for r := range t.readers {
		r.changed[name] = true
		select {
		case r.wake <- struct{}{}:
		default: // it is awake
		}
	}
}

// join returns a new reader, which has all services to be told of.
func (t *tree) join() *reader {
	<-t.begun
	t.mu.Lock()
	defer t.mu.Unlock()
	r := &reader{wake: make(chan struct{}, 1), changed: map[string]bool{}}
	for name := range t.nodes {
		if t.shown(name) != nil {
			r.changed[name] = true
		}
	}
	t.readers[r] = true
	return r
}

func (t *tree) leave(r *reader) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.readers, r)
}

// take returns what there is to tell a reader, in the order of the names.
func (t *tree) take(r *reader) (events []Event) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, name := range slices.Sorted(maps.Keys(r.changed)) {
		if n := t.shown(name); n != nil {
			s := n.now()
			events = append(events, Event{Service: &s})
		} else {
			events = append(events, Event{Gone: name})
		}
	}
	clear(r.changed)
	return events
}
