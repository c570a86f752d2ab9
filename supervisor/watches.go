package supervisor

import (
	"os"
	"path"
	"unsafe"

	"syn3d/protocol"

	"golang.org/x/sys/unix"
)

// watches tells when names come, go or change in the scan directory, and in
// the directories where the links in it point. It watches names only: what is
// written below a service directory does not wake anyone.
type watches struct {
	fd      int
	loop    *loop
	changed func()
	dirs    map[string]bool
	broken  bool // some directory cannot be watched: somebody has to look
}

const watchMask = unix.IN_CREATE | unix.IN_DELETE | unix.IN_MOVED_FROM | unix.IN_MOVED_TO |
	unix.IN_DELETE_SELF | unix.IN_MOVE_SELF | unix.IN_ONLYDIR

// newWatches calls changed, in the loop, after changes.
func newWatches(l *loop, changed func()) *watches {
	w := &watches{loop: l, changed: changed, dirs: map[string]bool{}}
	var err error
	if w.fd, err = unix.InotifyInit1(unix.IN_CLOEXEC | unix.IN_NONBLOCK); err == nil {
		_, err = l.add(w.fd, w.read)
	}
	if err != nil {
		w.fail(err)
	}
	return w
}

// add watches a directory, if it is not watched yet.
func (w *watches) add(dir string) {
	if w.broken || w.dirs[dir] {
		return
	}
	_, err := unix.InotifyAddWatch(w.fd, dir, watchMask)
	switch err {
	case nil:
		w.dirs[dir] = true
	case unix.ENOSPC, unix.ENOMEM:
		w.fail(err)
	}
}

// addLink watches for changes of what the link name points to. Of a chain of
// links it sees every one, of links within their paths none.
func (w *watches) addLink(name string) {
	for range 8 {
		target, err := os.Readlink(name)
		if err != nil {
			return
		}
		if !path.IsAbs(target) {
			target = path.Join(path.Dir(name), target)
		}
		name = target
		w.add(path.Dir(name))
	}
}

func (w *watches) fail(err error) {
	w.broken = true
	w.loop.say("svscan: warning: unable to watch for changes, looking every 5 seconds: " + protocol.ErrorText(err))
}

// read takes note of events: it does not matter which. After one that says
// that a watch has ended, all are made anew by the next scan.
func (w *watches) read() {
	var events [4096]byte
	n, _ := unix.Read(w.fd, events[:])
	for at := 0; at+unix.SizeofInotifyEvent <= n; {
		event := (*unix.InotifyEvent)(unsafe.Pointer(&events[at]))
		at += unix.SizeofInotifyEvent + int(event.Len)
		if event.Mask&(unix.IN_IGNORED|unix.IN_MOVE_SELF|unix.IN_Q_OVERFLOW) != 0 {
			clear(w.dirs)
		}
	}
	w.changed()
}
