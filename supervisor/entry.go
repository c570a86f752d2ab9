package supervisor

import (
	"errors"
	"time"

	"syn3d/protocol"

	"golang.org/x/sys/unix"
)

// An entry is a service directory in the scan directory: a supervise for the
// service, one for its log if it has one, and the pipe between them. The
// pipe stays as long as the entry, so that nothing in it is lost when either
// of them is started anew.
type entry struct {
	scanner *scanner
	id      identity
	name    string
	main    *supervision
	log     *supervision // nil without a log
	table   *table       // of all descriptors of the entry
	files   int          // reserved in it
	pipe    [2]int       // read end, write end; -1 if there is none, or if closed

	found    bool // by the last scan
	retiring bool // being stopped for good
}

// errNoRoom says that there are no descriptors left for another entry.
var errNoRoom = errors.New("no room")

// newEntry returns the entry of a finding. Whether it has a log is decided
// here, once.
func newEntry(sc *scanner, f finding) (*entry, error) {
	e := &entry{scanner: sc, id: f.id, name: f.name, pipe: [2]int{-1, -1}, found: true}
	e.main = &supervision{entry: e, stdin: 0, stdout: 1}
	e.files = sc.host.files

	var st unix.Stat_t
	err := unix.Stat(f.name+"/"+protocol.LogDir, &st)
	if err != nil && err != unix.ENOENT {
		return nil, &protocol.Error{What: "unable to stat " + f.name + "/" + protocol.LogDir, Err: err}
	}
	hasLog := err == nil
	if hasLog {
		e.files = 2*sc.host.files + len(e.pipe)
	}
	if e.table = sc.loop.tables.reserve(e.files); e.table == nil {
		return nil, errNoRoom
	}
	if hasLog {
		if err := e.addLog(); err != nil {
			e.table.used -= e.files
			return nil, &protocol.Error{What: "unable to create pipe for " + f.name, Err: err}
		}
	}
	return e, nil
}

func (e *entry) addLog() (err error) {
	e.table.do(func() {
		if pipe, found := e.scanner.findPipe(e.name); found {
			e.pipe = pipe
			return
		}
		// Not os.Pipe: services are to get a pipe that blocks.
		err = unix.Pipe2(e.pipe[:], unix.O_CLOEXEC)
	})
	e.main.stdout = e.pipe[1]
	e.log = &supervision{entry: e, isLog: true, stdin: e.pipe[0], stdout: 1}
	return err
}

// closePipe closes the read end (0) or the write end (1), if open.
func (e *entry) closePipe(end int) {
	if e.pipe[end] >= 0 {
		e.table.do(func() { unix.Close(e.pipe[end]) })
		e.pipe[end] = -1
	}
}

// drained reports whether everything in the pipe has been read.
func (e *entry) drained() bool {
	var unread int
	var err error
	e.table.do(func() { unread, err = unix.IoctlGetInt(e.pipe[0], unix.TIOCINQ) })
	return err != nil || unread == 0
}

// keep sees to it that an entry in the scan directory is supervised, and
// forgets one that is neither there nor supervised.
func (e *entry) keep() {
	if !e.found || e.retiring {
		e.forgetIfGone()
		return
	}
	// What the service says is lost if svscan is to end before the log is there.
	if e.log != nil {
		e.log.launchSoon()
	}
	e.main.launchSoon()
}

// retire stops the service, then its log when that has read everything, and
// then forgets the entry.
func (e *entry) retire() {
	if e.retiring {
		return
	}
	e.retiring = true
	if e.main.running == nil {
		e.retireLog()
	} else {
		e.end(e.main.running)
	}
}

// retireLog lets the log read what is left in the pipe and end by itself. A
// logger that does not end although it has had everything is stopped.
func (e *entry) retireLog() {
	if e.log == nil || e.log.running == nil {
		e.forgetIfGone()
		return
	}
	e.closePipe(1)
	e.log.running.finish()
	deadline := time.Now().Add(drainLimit)
	e.scanner.loop.after(drainTime, func() { e.stopDrainedLog(deadline) })
}

func (e *entry) stopDrainedLog(deadline time.Time) {
	if e.log.running == nil {
		return
	}
	if !e.drained() && time.Now().Before(deadline) {
		e.scanner.loop.after(drainTime, func() { e.stopDrainedLog(deadline) })
		return
	}
	e.end(e.log.running)
}

// end stops a supervise of a retiring entry. If svscan itself does not end, a
// stop script would be run in a directory that is another one by now.
func (e *entry) end(s supervise) {
	if e.scanner.stopping {
		s.shutdown()
	} else {
		s.stop()
	}
}

// supervised reports whether either of the two supervises runs.
func (e *entry) supervised() bool {
	return e.main.running != nil || e.log != nil && e.log.running != nil
}

// ended follows up the end of one of the two supervises.
func (e *entry) ended(v *supervision) {
	if e.retiring && v == e.main {
		e.retireLog()
		return
	}
	e.forgetIfGone()
}

// forgetIfGone gives the entry up if nothing is to supervise it any longer.
func (e *entry) forgetIfGone() {
	sc := e.scanner
	wanted := e.found && !e.retiring
	if wanted || e.supervised() || sc.entries[e.id] != e {
		return
	}
	delete(sc.entries, e.id)
	e.closePipe(0)
	e.closePipe(1)
	e.table.used -= e.files
	if !sc.stopping {
		sc.scanSoon() // something else may have been waiting for its name
	} else if len(sc.entries) == 0 {
		sc.loop.end()
	}
}
