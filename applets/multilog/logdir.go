package multilog

import (
	"bytes"
	"strings"

	"syn3d/protocol"

	"golang.org/x/sys/unix"
)

// The files of a log directory, besides old logs.
const (
	currentFile   = "current"   // is appended to
	previousFile  = "previous"  // was current and is to become an old log
	processedFile = "processed" // what the processor has made of previous
	stateFile     = "state"     // what the processor wants to remember
	newStateFile  = "newstate"  // what it wants to remember the next time
	lockFile      = "lock"
)

// The mode of current and processed tells if all of it is on disk.
const (
	modeUnsafe = 0o644
	modeSafe   = 0o744
	safeBit    = 0o100
)

// newlineWithin is how near to its full size a file is ended, if a line ends.
const newlineWithin = 2000

// How files are opened.
const (
	appendTo = unix.O_WRONLY | unix.O_APPEND | unix.O_CREAT | unix.O_NONBLOCK | unix.O_CLOEXEC
	truncate = unix.O_WRONLY | unix.O_TRUNC | unix.O_CREAT | unix.O_NONBLOCK | unix.O_CLOEXEC
)

// listingSize is how much of a directory is read at once: some twenty entries.
const listingSize = 1024

// A logDir is a log directory that is locked and written to.
type logDir struct {
	spec
	fd      int
	lockFD  int
	current int            // the open file
	size    int64          // of current
	newest  protocol.Label // of the old logs
	tidy    bool           // nothing but a current file and old logs is left
	listing [listingSize]byte
	signals *signals
}

// openLogDir opens the log directory of a spec, relative to the directory
// here. What a crash has left in it is put in order.
func openLogDir(here int, spec spec, signals *signals) (*logDir, error) {
	unix.Mkdirat(here, spec.name, 0o700)
	d := &logDir{spec: spec, signals: signals}
	var err error
	// Unlike the name itself, this can be opened only by who may enter it.
	d.fd, err = unix.Openat(here, spec.name+"/.", unix.O_RDONLY|unix.O_DIRECTORY|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, &protocol.Error{What: "unable to open directory " + spec.name, Err: err}
	}
	if err := d.lock(); err != nil {
		return nil, &protocol.Error{What: "unable to lock directory " + spec.name, Err: err}
	}
	if err := d.findNewest(); err != nil {
		return nil, &protocol.Error{What: "unable to read " + spec.name, Err: err}
	}
	return d, d.begin()
}

// lock keeps others off, until the process ends.
func (d *logDir) lock() (err error) {
	if d.lockFD, err = unix.Openat(d.fd, lockFile, appendTo, 0o600); err != nil {
		return err
	}
	return unix.Flock(d.lockFD, unix.LOCK_EX|unix.LOCK_NB)
}

// begin opens current. If it has not been closed properly, it is left to be
// an old log, and a new one is made.
func (d *logDir) begin() error {
	clean, err := d.isSafe(currentFile)
	if err != nil {
		return err
	}
	failure := "unable to append to"
	if !clean {
		failure = "unable to write to"
		if err := d.recover(); err != nil {
			return err
		}
	}
	d.current, err = unix.Openat(d.fd, currentFile, appendTo, 0o600)
	if err != nil {
		return d.failed(failure, currentFile, err)
	}
	if err := unix.Fchmod(d.current, modeUnsafe); err != nil {
		return d.failed("unable to set mode of", currentFile, err)
	}
	var st unix.Stat_t
	err = unix.Fstat(d.current, &st)
	d.size = st.Size
	return err
}

// recover puts in order what a crash has left.
func (d *logDir) recover() error {
	unix.Unlinkat(d.fd, stateFile, 0)
	unix.Unlinkat(d.fd, newStateFile, 0)
	if err := d.salvage(); err != nil {
		return err
	}
	d.finish(currentFile, unsafeCode)
	d.tidy = true
	fd, err := unix.Openat(d.fd, stateFile, truncate, 0o644)
	if err != nil {
		return d.failed("unable to write to", stateFile, err)
	}
	return unix.Close(fd)
}

// salvage finishes a previous file that is left, or what the processor has
// made of it if that is complete.
func (d *logDir) salvage() error {
	complete, err := d.isSafe(processedFile)
	if err != nil {
		return err
	}
	if complete {
		unix.Unlinkat(d.fd, previousFile, 0)
		d.finish(processedFile, safeCode)
		return nil
	}
	unix.Unlinkat(d.fd, processedFile, 0)
	d.finish(previousFile, unsafeCode)
	return nil
}

// isSafe reports whether a file exists and is all on disk.
func (d *logDir) isSafe(file string) (bool, error) {
	var st unix.Stat_t
	err := unix.Fstatat(d.fd, file, &st, 0)
	if err == unix.ENOENT {
		return false, nil
	}
	if err != nil {
		return false, d.failed("unable to stat", file, err)
	}
	return st.Mode&safeBit != 0, nil
}

// failed says what could not be done to which file.
func (d *logDir) failed(what, file string, err error) error {
	return &protocol.Error{What: what + " " + d.path(file), Err: err}
}

func (d *logDir) path(file string) string { return d.name + "/" + file }

// Write appends text to the log. It does not fail, it tries until it succeeds.
func (d *logDir) Write(text []byte) (int, error) {
	for rest := text; len(rest) > 0; {
		if d.size >= d.spec.size {
			d.rotate()
		}
		n := d.append(rest[:portion(rest, d.size, d.spec.size)])
		if n == 0 || d.size+newlineWithin >= d.spec.size && rest[n-1] == '\n' {
			d.rotate()
		}
		rest = rest[n:]
	}
	return len(text), nil
}

// portion returns how much of text a file may get that has size bytes and may
// have most: not too many, and only whole lines if it is nearly full then.
func portion(text []byte, size, most int64) int {
	n := int(min(int64(len(text)), most-size))
	if size+int64(n)+newlineWithin >= most {
		if end := bytes.LastIndexByte(text[:n], '\n') + 1; end > 0 {
			return end
		}
	}
	return n
}

// append writes text, or a part of it, to current, and returns how much. It is
// nothing if a limit of the process (RLIMIT_FSIZE) keeps the file from growing.
func (d *logDir) append(text []byte) int {
	var n int
	d.insist("unable to write to DIR/current", func() (err error) {
		n, err = write(d.current, text)
		if err == unix.EFBIG && d.size > 0 {
			return nil
		}
		return err
	})
	d.size += int64(n)
	return n
}

// close ends the log properly: what follows will be appended to current.
func (d *logDir) close() {
	d.insist("unable to write DIR/current to disk", func() error { return unix.Fsync(d.current) })
	d.insist("unable to set mode of DIR/current", func() error { return unix.Fchmod(d.current, modeSafe) })
}

// insist does what must be done in the end: log lines are too precious to give
// up. what says, for a warning, what do does; DIR in it is the directory.
func (d *logDir) insist(what string, do func() error) {
	for err := do(); err != nil; err = do() {
		d.retry(what, err)
	}
}

// retry warns and waits before something is tried once more.
func (d *logDir) retry(what string, err error) {
	d.warn(what, err)
	d.signals.pause()
}

func (d *logDir) warn(what string, err error) {
	warnPausing(strings.Replace(what, "DIR", d.name, 1), err)
}

// write writes text, or a part of it, which is not empty unless there is an
// error.
func write(fd int, text []byte) (int, error) {
	for {
		n, err := rawWrite(fd, text)
		switch {
		case err == unix.EINTR:
		case err == nil && n == 0:
			return 0, unix.EIO
		default:
			return n, err
		}
	}
}
