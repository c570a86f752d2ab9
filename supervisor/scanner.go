package supervisor

import (
	"fmt"
	"io/fs"
	"maps"
	"os"
	"slices"
	"time"

	"syn3d/protocol"
	"syn3d/supervisor/handover"

	"golang.org/x/sys/unix"
)

const (
	// lookAgain is how long it takes until something that failed, and of
	// which no event will tell, is tried again. The original does all of its
	// looking in this rhythm.
	lookAgain = 5 * time.Second

	// settleTime is how long nothing must have been made in a new service
	// directory before it is taken: one that appears by mkdir is being made.
	// After settleLimit it is taken all the same.
	settleTime  = time.Second
	settleLimit = lookAgain
)

// A scanner keeps a supervise for every service directory, and one for its
// log, in the scan directory, which is the working directory.
type scanner struct {
	loop    *loop
	host    host
	watches *watches
	entries map[identity]*entry

	scanPending bool                // a scan has been deferred
	timer       *time.Timer         // of the next scan that is due by time
	supervises  map[identity]marked // that a svscan before this one has left
	left        map[identity]marked // instances of which no detail tells, if looked for
	keepers     []int               // of the pipes, after an upgrade

	hasBegun         bool // everything that was found first has been launched
	stopWhenBegun    bool
	upgradeWhenBegun bool

	stopping  bool                   // no more scans: end when the last entry has gone
	troubles  complaints             // by name
	unsettled map[identity]time.Time // left alone by the last scan, since when
	lost      map[string]*entry      // not found by the last scan, by name
}

// An identity tells service directories apart, whatever their names.
type identity struct{ dev, ino uint64 }

// Scan keeps a supervise for every service directory in the scan directory
// name until it is told to stop, by TERM, INT or QUIT. With forked, each is a process
// of its own; else all are hosted in this one. An error says that it could
// not begin.
func Scan(name string, forked bool) error {
	upgrade := afterUpgrade()
	if !upgrade.happened() { // else we are there: name may lead elsewhere from here
		if err := unix.Chdir(name); err != nil {
			return &protocol.Error{What: "unable to chdir to " + name, Err: err}
		}
	}
	l, err := newLoop()
	if err != nil {
		return err
	}
	notify(l.scans, unix.SIGHUP, unix.SIGALRM)
	notify(l.upgrades, unix.SIGUSR2)
	handover.Deliver()
	sc := &scanner{loop: l, host: inProcess, entries: map[identity]*entry{}}
	if forked {
		sc.host = processEach
		sc.supervises = l.leftSupervises()
		// What a supervise leaves when it dies becomes ours, not init's.
		unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
	}
	sc.watches = newWatches(l, sc.scanSoon)
	l.seeksLost = true
	sc.keepers = upgrade.keepers
	l.holdReaping = true // what has ended may be a service that is to be taken over
	sc.scan(false)
	l.whenSpare(func() { sc.begun(upgrade) })
	l.run(answers{end: sc.end, scan: func() { sc.scan(false) }, upgrade: sc.beginUpgrade})
	return nil
}

// begun is called when everything that was found first has been launched.
func (sc *scanner) begun(upgrade upgraded) {
	sc.supervises, sc.left, sc.keepers = nil, nil, nil
	sc.loop.holdReaping = false
	sc.loop.reap()
	upgrade.done()
	sc.hasBegun = true
	switch {
	case sc.stopWhenBegun:
		sc.stop()
	case sc.upgradeWhenBegun:
		sc.upgrade()
	}
}

// end stops everything. What has not been launched yet may be running all the
// same: it is taken over first, and then stopped.
func (sc *scanner) end() {
	sc.stopWhenBegun = true
	if sc.hasBegun {
		sc.stop()
	}
}

// beginUpgrade upgrades when everything has been taken over of which keepers of
// an upgrade before may have the only descriptor.
func (sc *scanner) beginUpgrade() {
	sc.upgradeWhenBegun = true
	if sc.hasBegun {
		sc.upgrade()
	}
}

// stop ends every entry, and the loop with the last one.
func (sc *scanner) stop() {
	sc.stopping = true
	for _, e := range sc.latestFirst() {
		e.retire()
	}
	if len(sc.entries) == 0 {
		sc.loop.end()
	}
}

// latestFirst returns the entries, those whose services were started last first:
// what was there already when a service was started is there while it stops.
func (sc *scanner) latestFirst() []*entry {
	since := make(map[*entry]protocol.Label, len(sc.entries))
	for _, e := range sc.entries {
		status, _ := protocol.ReadStatus(e.name)
		since[e] = status.Since
	}
	return slices.SortedFunc(maps.Keys(since), func(a, b *entry) int {
		return since[b].Time().Compare(since[a].Time())
	})
}

// scanSoon scans when everything that has happened by now has been handled.
func (sc *scanner) scanSoon() {
	if sc.scanPending {
		return
	}
	sc.scanPending = true
	sc.loop.whenSpare(func() {
		sc.scanPending = false
		sc.scan(true)
	})
}

func (sc *scanner) scanAfter(d time.Duration) {
	if sc.timer == nil {
		sc.timer = sc.loop.after(d, sc.scanSoon)
	}
}

// A finding is a service directory that a scan has found.
type finding struct {
	name string
	id   identity
	made time.Time // when something was last made in it
}

// scan looks at the scan directory. With settle, it leaves alone directories
// that are still being made, which an explicit wish to scan does not.
func (sc *scanner) scan(settle bool) {
	if sc.stopping {
		return
	}
	if sc.timer != nil {
		sc.timer.Stop()
		sc.timer = nil
	}
	sc.troubles.begin()
	sc.watches.add(".")
	if found, err := sc.read(); err != nil {
		sc.complain("", &protocol.Error{What: "unable to read directory", Err: err})
	} else {
		fresh := sc.mark(found)
		sc.loop.limitMemory(sc.services() + len(fresh)) // what is to be admitted takes memory, too
		sc.admitAll(fresh, settle)
		sc.loop.limitMemory(sc.services())
		sc.keepAll()
	}
	if sc.troubles.any() || sc.watches.broken {
		sc.scanAfter(lookAgain)
	}
}

// admitAll makes entries for what is new.
func (sc *scanner) admitAll(fresh []finding, settle bool) {
	unsettled := map[identity]time.Time{}
	refused := 0
	for _, f := range fresh {
		if settle && !sc.settled(f) {
			unsettled[f.id] = sc.firstSeen(f)
			sc.scanAfter(settleTime)
			sc.troubles.keep(f.name)
			continue
		}
		switch err := sc.admit(f); err {
		case nil:
		case errNoRoom:
			refused++
		default:
			sc.complain(f.name, err)
		}
	}
	sc.unsettled = unsettled
	if refused > 0 {
		sc.complain("", &protocol.Error{
			What: fmt.Sprintf("unable to start %d services more", refused), Err: unix.EMFILE})
	}
}

// services counts the services that are kept, and their logs.
func (sc *scanner) services() (n int) {
	for _, e := range sc.entries {
		n++
		if e.log != nil {
			n++
		}
	}
	return n
}

func (sc *scanner) keepAll() {
	for _, e := range sc.entries {
		e.keep()
	}
}

// settled reports whether a new directory is to be taken as it is.
func (sc *scanner) settled(f finding) bool {
	age := time.Since(f.made)
	return age < 0 || age >= settleTime || time.Since(sc.firstSeen(f)) >= settleLimit
}

func (sc *scanner) firstSeen(f finding) time.Time {
	if since, known := sc.unsettled[f.id]; known {
		return since
	}
	return time.Now()
}

// complain says what is wrong with a name, once for as long as it is.
func (sc *scanner) complain(name string, err error) {
	sc.troubles.make(sc.loop.messages, name, "svscan: warning: "+err.Error())
}

// read returns the service directories in the scan directory, in its order.
func (sc *scanner) read() ([]finding, error) {
	here, err := os.Open(".")
	if err != nil {
		return nil, err
	}
	defer here.Close()
	names, err := here.ReadDir(-1)
	if err != nil {
		return nil, err
	}
	var found []finding
	for _, entry := range names {
		name := entry.Name()
		link := entry.Type()&fs.ModeSymlink != 0
		if name[0] == '.' || !(link || entry.IsDir()) {
			continue
		}
		if link {
			sc.watches.addLink(name)
		}
		var st unix.Stat_t
		if err := unix.Stat(name, &st); err != nil {
			if unix.Lstat(name, &st) == unix.ENOENT {
				continue // removed or renamed since, and of that inotify tells
			}
			sc.complain(name, &protocol.Error{What: "unable to stat " + name, Err: err})
			continue
		}
		if st.Mode&unix.S_IFMT == unix.S_IFDIR {
			found = append(found, finding{name, identity{st.Dev, st.Ino}, time.Unix(st.Mtim.Unix())})
		}
	}
	return found, nil
}

// mark notes which entries have been found, and returns the findings for
// which there is no entry yet. A directory with several names is taken under
// the first.
func (sc *scanner) mark(found []finding) []finding {
	for _, e := range sc.entries {
		e.found = false
	}
	var fresh []finding
	taken := map[identity]bool{}
	defer sc.noteLost()
	for _, f := range found {
		if taken[f.id] {
			continue
		}
		taken[f.id] = true
		e := sc.entries[f.id]
		if e == nil {
			fresh = append(fresh, f)
			continue
		}
		e.found = true
		e.name = f.name
	}
	return fresh
}

func (sc *scanner) noteLost() {
	sc.lost = map[string]*entry{}
	for _, e := range sc.entries {
		if !e.found {
			sc.lost[e.name] = e
		}
	}
}

// admit makes an entry for a new finding. If its name was that of another
// directory, whose service still runs, it has to wait until that has ended.
func (sc *scanner) admit(f finding) error {
	if old := sc.lost[f.name]; old != nil {
		if !old.retiring {
			sc.loop.say("svscan: warning: " + f.name + " is another directory now: stopping the service of the old one")
			old.retire()
		}
		return nil
	}
	e, err := newEntry(sc, f)
	if err != nil {
		return err
	}
	sc.entries[f.id] = e
	return nil
}
