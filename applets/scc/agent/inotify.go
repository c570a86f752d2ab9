package agent

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"time"

	"syn3d/protocol"

	"golang.org/x/sys/unix"
)

// gather is how long to wait for what else happens at the same time: a service
// that is started anew changes several files.
const gather = 10 * time.Millisecond

const (
	nameEvents = unix.IN_CREATE | unix.IN_DELETE | unix.IN_MOVED_FROM | unix.IN_MOVED_TO |
		unix.IN_DELETE_SELF | unix.IN_MOVE_SELF | unix.IN_ONLYDIR
	stateEvents = unix.IN_MOVED_TO | unix.IN_DELETE | unix.IN_CLOSE_WRITE | unix.IN_CLOSE_NOWRITE | unix.IN_ONLYDIR
	selfEvents  = unix.IN_DELETE_SELF | unix.IN_MOVE_SELF | unix.IN_IGNORED
)

// watches tell to which services something has happened: in the scan directory,
// in a service directory, in its supervise, or among the monitor's states.
// Where the kernel cannot tell, they are blind, and somebody has to look.
type watches struct {
	inotify *os.File // nil where it cannot be had
	fd      int

	scan      int             // the watch of the scan directory, 0 if there is none
	states    string          // where the monitor's states are
	above     int             // the watch of that directory, or of the nearest above it
	aboveName string          // the one that is watched
	owners    map[int]watched // of the watches of services
	blindTo   map[string]bool // services

	touched map[string]bool
	rescan  bool
}

// A watched is what a watch of services is for: their names, and what of.
type watched struct {
	names map[string]bool
	state bool // of supervise, else of the service directory
}

func newWatches(states string) *watches {
	w := &watches{states: states, owners: map[int]watched{}, blindTo: map[string]bool{}, touched: map[string]bool{}}
	fd, err := unix.InotifyInit1(unix.IN_CLOEXEC | unix.IN_NONBLOCK)
	if err == nil {
		w.fd, w.inotify = fd, os.NewFile(uintptr(fd), "inotify")
	}
	w.watchStates()
	return w
}

func (w *watches) close() {
	if w.inotify != nil {
		w.inotify.Close()
	}
}

// add watches a directory, and returns 0 if that cannot be.
func (w *watches) add(dir string, mask uint32) int {
	if w.inotify == nil {
		return 0
	}
	watch, err := unix.InotifyAddWatch(w.fd, dir, mask|unix.IN_MASK_ADD)
	if err != nil {
		return 0
	}
	return watch
}

func (w *watches) watchScan(dir string) { w.scan = w.add(dir, nameEvents) }

// watchStates watches the monitor's states, or, as long as there are none, for
// their directory to be made.
func (w *watches) watchStates() {
	const mask = unix.IN_CREATE | unix.IN_DELETE | unix.IN_MOVED_TO | selfEvents&^unix.IN_IGNORED | unix.IN_ONLYDIR
	for w.aboveName = w.states; ; w.aboveName = filepath.Dir(w.aboveName) {
		if w.above = w.add(w.aboveName, mask); w.above != 0 || w.aboveName == filepath.Dir(w.aboveName) {
			return
		}
	}
}

// watchService watches a service, anew if it is watched already: its name may
// mean another directory by now.
func (w *watches) watchService(name, dir string) {
	seen := map[int]bool{}
	seen[w.own(name, dir, nameEvents, false)] = true
	blind := seen[0]
	for _, d := range []string{dir, dir + "/" + protocol.LogDir} {
		watch := w.own(name, protocol.StatePath(d, protocol.StateDir), stateEvents, true)
		// What is not there will be seen to come, but for the target of a link.
		blind = blind || watch == 0 && comesUnseen(d)
		seen[watch] = true
	}
	w.disown(name, seen)
	delete(w.blindTo, name)
	if blind {
		w.blindTo[name] = true
	}
}

// comesUnseen reports whether the state directory of a service, which is not
// there, may come without a new name in the service directory.
func comesUnseen(dir string) bool {
	if os.Getenv("SUPERVISEDIR") != "" {
		return protocol.CheckDir(dir) == nil
	}
	_, err := os.Lstat(dir + "/" + protocol.StateDir)
	return err == nil
}

func (w *watches) own(name, dir string, mask uint32, state bool) int {
	watch := w.add(dir, mask)
	if watch == 0 {
		return 0
	}
	if w.owners[watch].names == nil {
		w.owners[watch] = watched{map[string]bool{}, state}
	}
	w.owners[watch].names[name] = true
	return watch
}

// disown ends the watches of a service, but for those to keep.
func (w *watches) disown(name string, keep map[int]bool) {
	for watch, o := range w.owners {
		if !o.names[name] || keep[watch] {
			continue
		}
		delete(o.names, name)
		if len(o.names) == 0 {
			delete(w.owners, watch)
			unix.InotifyRmWatch(w.fd, uint32(watch))
		}
	}
}

// forget ends all that is for a service that has gone.
func (w *watches) forget(name string) {
	w.disown(name, nil)
	delete(w.blindTo, name)
}

// touch says that something may have happened to a service.
func (w *watches) touch(name string) { w.touched[name] = true }

// takeTouched returns the services that something has happened to.
func (w *watches) takeTouched() map[string]bool {
	touched := w.touched
	w.touched = map[string]bool{}
	return touched
}

func (w *watches) blind() bool {
	return w.inotify == nil || w.scan == 0 || len(w.blindTo) > 0
}

func (w *watches) isBlind(name string) bool { return w.inotify == nil || w.blindTo[name] }

// wait returns when something has happened, or when it is due to look, which the
// zero time never is. It reports whether services may have come or gone.
func (w *watches) wait(due time.Time) (rescan bool) {
	if len(w.touched) > 0 {
		due = time.Now() // that which scanAll has found
	}
	if w.inotify == nil {
		time.Sleep(lookAgain)
		return true
	}
	w.inotify.SetReadDeadline(due)
	for w.read() {
		if w.happened() {
			w.inotify.SetReadDeadline(time.Now().Add(gather))
		}
	}
	rescan = w.rescan || w.scan == 0
	w.rescan = false
	return rescan
}

func (w *watches) happened() bool { return w.rescan || len(w.touched) > 0 }

// read takes note of events, and reports whether there were any.
func (w *watches) read() bool {
	var events [8192]byte
	n, err := w.inotify.Read(events[:])
	if err != nil {
		return false
	}
	for rest := events[:n]; ; {
		event, next, ok := protocol.NextInotifyEvent(rest)
		if !ok {
			return true
		}
		w.heed(event)
		rest = next
	}
}

func (w *watches) heed(e protocol.InotifyEvent) {
	// A directory may be watched for several reasons, but has one watch.
	if e.Mask&unix.IN_Q_OVERFLOW != 0 || e.Watch == w.scan {
		w.rescan = true
	}
	if e.Watch == w.above {
		w.heedState(e)
	}
	o, isService := w.owners[e.Watch]
	if isService && (e.Mask&selfEvents != 0 || o.concerns(e)) {
		maps.Copy(w.touched, o.names)
	}
	if isService && e.Mask&unix.IN_IGNORED != 0 {
		delete(w.owners, e.Watch)
	}
}

// heedState heeds what happens where the monitor's states are, or above.
func (w *watches) heedState(e protocol.InotifyEvent) {
	switch {
	case w.aboveName != w.states || e.Mask&selfEvents != 0:
		before := w.aboveName
		if w.watchStates(); w.aboveName != before {
			w.rescan = true // what has been reported meanwhile may concern any
		}
	case e.Mask&unix.IN_CREATE == 0: // that is a record under way
		w.touch(e.Name)
	}
}

// concerns tells what matters from what is only looked at, or a file on its way
// to its place.
func (o watched) concerns(e protocol.InotifyEvent) bool {
	if !o.state {
		return slices.Contains(directoryFiles, e.Name)
	}
	name := protocol.StateDir + "/" + e.Name
	switch {
	case e.Mask&unix.IN_CLOSE_NOWRITE != 0:
		return name == protocol.OkFile // its reader has gone: the supervisor
	case e.Mask&unix.IN_DELETE != 0:
		return name == protocol.VerdictFile
	}
	return slices.Contains(stateFiles, name)
}

var (
	directoryFiles = []string{
		protocol.RunFile, protocol.DownFile, protocol.StartScript, protocol.StopScript,
		protocol.StartWatchFile, protocol.LogDir, protocol.StateDir,
	}
	stateFiles = []string{
		protocol.StatusFile, protocol.DetailFile, protocol.VerdictFile, protocol.StartLockFile,
	}
)
