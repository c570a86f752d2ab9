package protocol

import (
	"bytes"
	"encoding/binary"
	"os"
	"path"
	"time"

	"golang.org/x/sys/unix"
)

// pollInterval is how often a Watcher looks where inotify cannot be had.
const pollInterval = 50 * time.Millisecond

// A Watcher waits for changes of what ReadStatus and Supervised tell of one
// service directory.
type Watcher struct {
	inotify *os.File // nil where it cannot be had
}

// Watch starts to watch dir. A change after Watch returns makes the next
// Wait return: read the status in between, and none is missed.
func Watch(dir string) *Watcher {
	fd, err := unix.InotifyInit1(unix.IN_CLOEXEC | unix.IN_NONBLOCK)
	if err != nil {
		return &Watcher{}
	}
	const mask = unix.IN_MOVED_TO | unix.IN_CLOSE_WRITE | unix.IN_CLOSE_NOWRITE
	if _, err := unix.InotifyAddWatch(fd, StatePath(dir, StateDir), mask); err != nil {
		unix.Close(fd)
		return &Watcher{}
	}
	return &Watcher{os.NewFile(uintptr(fd), "inotify")}
}

// Wait returns at the next change, or at the deadline. It may return early
// without a change.
func (w *Watcher) Wait(deadline time.Time) {
	if w.inotify == nil {
		time.Sleep(min(pollInterval, time.Until(deadline)))
		return
	}
	w.inotify.SetReadDeadline(deadline)
	var events [4096]byte
	for {
		n, err := w.inotify.Read(events[:])
		if err != nil || changed(events[:n]) {
			return
		}
	}
}

// Close ends the watch.
func (w *Watcher) Close() {
	if w.inotify != nil {
		w.inotify.Close()
	}
}

// changed tells the supervisor's doings from those of other readers, this
// process among them: it replaces or overwrites status, and when it ends its
// end of ok, which it only ever reads, is closed.
func changed(events []byte) bool {
	for {
		event, rest, ok := NextInotifyEvent(events)
		if !ok {
			return false
		}
		switch {
		case event.Mask&(unix.IN_Q_OVERFLOW|unix.IN_IGNORED) != 0:
			return true
		case event.Name == path.Base(StatusFile) && event.Mask&(unix.IN_MOVED_TO|unix.IN_CLOSE_WRITE) != 0:
			return true
		case event.Name == path.Base(OkFile) && event.Mask&unix.IN_CLOSE_NOWRITE != 0:
			return true
		}
		events = rest
	}
}

// An InotifyEvent is what has happened to a name in a watched directory, or to
// the directory.
type InotifyEvent struct {
	Watch int // its descriptor
	Mask  uint32
	Name  string
}

// NextInotifyEvent takes the first event off what has been read. It is not ok
// if there is no whole one left.
func NextInotifyEvent(events []byte) (e InotifyEvent, rest []byte, ok bool) {
	if len(events) < unix.SizeofInotifyEvent {
		return e, nil, false
	}
	e.Watch = int(int32(binary.NativeEndian.Uint32(events)))
	e.Mask = binary.NativeEndian.Uint32(events[4:])
	size := binary.NativeEndian.Uint32(events[12:])
	events = events[unix.SizeofInotifyEvent:]
	if uint64(size) > uint64(len(events)) {
		return e, nil, false
	}
	padded, rest := events[:size], events[size:]
	e.Name = string(bytes.TrimRight(padded, "\x00"))
	return e, rest, true
}
