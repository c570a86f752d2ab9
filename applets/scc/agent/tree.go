package agent

import (
	"context"
	"maps"
	"os"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"syn3d/applets/service"
	"syn3d/applets/syn3state"
	"syn3d/protocol"
)

const (
	// calm is the least time between two looks at a service: one that crashes
	// all the time must not keep us busy.
	calm = 100 * time.Millisecond

	// lookAgain is how often to look where inotify cannot tell of changes.
	lookAgain = time.Second
)

// A tree is the services of a scan directory, as they were at the last look, and
// who wants to know of changes.
type tree struct {
	scan    string
	states  syn3state.Store
	say     func(words ...string)
	unshown []string // the names that it has been said of; run's alone

	begun chan struct{} // closed when all have been looked at for the first time

	// looking is held while the files of a service are read, which may take long
	// if they are elsewhere, so that what was read later is not replaced by what
	// was read before. Nobody who only wants to be told of services waits for it.
	looking sync.Mutex

	mu      sync.Mutex       // comes after looking
	nodes   map[string]*node // by the names of the services
	readers map[*reader]bool
}

// A node is a service of the tree.
type node struct {
	service Service
	history history
	seen    time.Time // when it was looked at
	due     time.Time // when to look again, zero for not before something happens
}

func newTree(c Config) *tree {
	return &tree{scan: c.Scan, states: c.States, say: c.say, begun: make(chan struct{}), nodes: map[string]*node{}, readers: map[*reader]bool{}}
}

// run looks at services when something has happened to them, until ctx is done.
func (t *tree) run(ctx context.Context) {
	w := newWatches(t.states.Dir)
	defer w.close()
	defer context.AfterFunc(ctx, w.close)()
	t.scanAll(w)
	t.lookAt(w.takeTouched(), w)
	close(t.begun)
	for ctx.Err() == nil {
		if w.wait(t.nextDue(w)) {
			t.scanAll(w)
		}
		t.lookAt(w.takeTouched(), w)
	}
}

// dir returns the directory of the service of that name.
func (t *tree) dir(name string) (string, error) {
	names, _, _ := serviceNames(t.scan)
	if !slices.Contains(names, name) {
		return "", ErrNoService
	}
	return t.scan + "/" + name, nil
}

// all returns the services in the order of their names.
func (t *tree) all() (services []Service) {
	<-t.begun
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, name := range slices.Sorted(maps.Keys(t.nodes)) {
		if n := t.shown(name); n != nil {
			services = append(services, n.now())
		}
	}
	return services
}

// shown returns the service of that name, nil if there is none, or it has not been
// looked at yet. The caller holds mu.
func (t *tree) shown(name string) *node {
	if n := t.nodes[name]; n != nil && !n.seen.IsZero() {
		return n
	}
	return nil
}

// one returns one service. One that has only just come is looked at now.
func (t *tree) one(name string) Service {
	t.mu.Lock()
	n := t.shown(name)
	if n != nil {
		defer t.mu.Unlock()
		return n.now()
	}
	t.mu.Unlock()
	n = &node{}
	n.take(t.read(name))
	return n.service
}

// lookNow looks at a service to which we have just done something.
func (t *tree) lookNow(name string) Service {
	t.mu.Lock()
	n := t.nodes[name]
	t.mu.Unlock()
	if n != nil {
		t.look(name, n)
	}
	return t.one(name)
}

// recent returns what has happened to a service, the newest first.
func (t *tree) recent(name string) []Moment {
	t.mu.Lock()
	defer t.mu.Unlock()
	if n := t.nodes[name]; n != nil {
		return n.history.newestFirst()
	}
	return nil
}

// note keeps that something was done to a service.
func (t *tree) note(name string, what Happening, detail string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if n := t.nodes[name]; n != nil {
		n.history.add(Moment{At: time.Now().UTC(), What: what, Detail: detail})
	}
}

// now returns the service with the seconds of this moment.
func (n *node) now() Service {
	s := n.service
	if !s.Since.IsZero() {
		s.Seconds = uint64(max(0, time.Since(s.Since)/time.Second))
	}
	return s
}

// nextDue returns when a service has to be looked at without anything having
// happened.
func (t *tree) nextDue(w *watches) (due time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if w.blind() {
		due = time.Now().Add(lookAgain)
	}
	for _, n := range t.nodes {
		if !n.due.IsZero() && (due.IsZero() || n.due.Before(due)) {
			due = n.due
		}
	}
	return due
}

// scanAll looks for services that have come or gone, and at all of them.
func (t *tree) scanAll(w *watches) {
	names, unshown, err := serviceNames(t.scan)
	t.warn(unshown)
	if err != nil && !os.IsNotExist(err) {
		names = slices.Collect(maps.Keys(t.nodes)) // it may be but a lack of descriptors
	}
	w.watchScan(t.scan)
	t.mu.Lock()
	defer t.mu.Unlock()
	for name := range t.nodes {
		if !slices.Contains(names, name) {
			delete(t.nodes, name)
			w.forget(name)
			t.tell(name)
		}
	}
	for _, name := range names {
		if t.nodes[name] == nil {
			t.nodes[name] = &node{}
		}
		w.touch(name)
	}
}

// lookAt looks at services that something has happened to, or may have.
func (t *tree) lookAt(touched map[string]bool, w *watches) {
	for name, n := range t.dueOf(touched, w) {
		w.watchService(name, t.scan+"/"+name)
		t.look(name, n)
	}
}

// warn says once that services cannot be shown.
func (t *tree) warn(unshown []string) {
	for _, name := range unshown {
		if !slices.Contains(t.unshown, name) {
			t.say("warning: unable to show " + service.Show(t.scan+"/"+name) + ": its name is not UTF-8")
		}
	}
	t.unshown = unshown
}

// dueOf returns those to look at now.
func (t *tree) dueOf(touched map[string]bool, w *watches) map[string]*node {
	t.mu.Lock()
	defer t.mu.Unlock()
	now, found := time.Now(), map[string]*node{}
	for name, n := range t.nodes {
		due := !n.due.IsZero() && !now.Before(n.due)
		switch {
		case !touched[name] && !due && !w.isBlind(name):
		case now.Sub(n.seen) < calm:
			n.due = n.seen.Add(calm)
		default:
			found[name] = n
		}
	}
	return found
}

// look looks at a service, and has readers told if it has changed.
func (t *tree) look(name string, n *node) {
	t.looking.Lock()
	defer t.looking.Unlock()
	fresh, signs := t.read(name)
	t.mu.Lock()
	defer t.mu.Unlock()
	if n.take(fresh, signs) {
		t.tell(name)
	}
}

// read reads the files of a service.
func (t *tree) read(name string) (Service, signs) {
	dir := t.scan + "/" + name
	s := Service{Name: name, State: service.Look(dir), HasLog: service.CurrentLog(dir) != ""}
	s.Monitor, _ = t.states.Get(name)
	return s, signsOf(dir, s.State)
}

// take takes down how the service is now, and reports whether it has changed.
func (n *node) take(fresh Service, g signs) bool {
	old := n.service
	fresh.Usage = old.Usage
	if n.seen.IsZero() {
		n.history.begin(fresh)
	} else {
		n.history.compare(old, fresh)
	}
	g.crashes = n.history.crashes()
	condition, again := conditionOf(fresh.State, g)
	fresh.Condition = condition
	n.service, n.seen, n.due = fresh, time.Now(), time.Time{}
	if again > 0 {
		n.due = n.seen.Add(again)
	}
	return differs(old, fresh)
}

// serviceNames returns the names of the services in a scan directory, as svscan
// finds them, and apart those that cannot be shown or addressed.
func serviceNames(scan string) (names, unshown []string, err error) {
	dir, err := os.Open(scan)
	if err != nil {
		return nil, nil, err
	}
	defer dir.Close()
	entries, err := dir.ReadDir(-1)
	for _, entry := range entries {
		name := entry.Name()
		isDir := entry.IsDir() || entry.Type() == os.ModeSymlink && protocol.CheckDir(scan+"/"+name) == nil
		switch {
		case !isDir || strings.HasPrefix(name, "."):
		case !utf8.ValidString(name):
			unshown = append(unshown, name)
		default:
			names = append(names, name)
		}
	}
	return names, unshown, err
}
