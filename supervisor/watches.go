package supervisor

import (
	"os"
	"path"
	"strings"
	"unsafe"

	"syn3d/protocol"

	"golang.org/x/sys/unix"
)

// watches tells when names come, go or change in the scan directory, and in
// the directories through which the links in it lead. It watches names only: what is
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

// maxLinks is how many links the kernel follows in one path.
const maxLinks = 40

// addLink watches for changes of where the link name leads: the directory of
// every link on the way, and the one that the last step is taken in.
func (w *watches) addLink(name string) {
	dir := "." // where the steps taken so far have led, without a link in it
	for steps, links := []string{name}, 0; len(steps) > 0 && links <= maxLinks; {
		at := path.Join(dir, steps[0])
		steps = steps[1:]
		target, err := os.Readlink(at)
		isLink := err == nil
		if isLink || len(steps) == 0 {
			w.add(dir)
		}
		if !isLink {
			dir = at
			continue
		}
		if path.IsAbs(target) {
			dir = "/"
		}
		steps = append(strings.FieldsFunc(target, isSlash), steps...)
		links++
	}
}

func isSlash(r rune) bool { return r == '/' }

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
