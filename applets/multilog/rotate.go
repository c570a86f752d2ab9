package multilog

import "golang.org/x/sys/unix"

// The ends of the names of old logs.
const (
	safeCode   = ".s" // complete and on disk
	unsafeCode = ".u" // its end may be missing, or it has not been processed
)

// rotate makes current an old log and begins a new one.
//
// The order of its steps is what recover relies on: whenever the process is
// killed, each line stands in exactly one of the files that recover keeps.
func (d *logDir) rotate() {
	d.insist("unable to write DIR/current to disk", func() error { return unix.Fsync(d.current) })
	d.makeRoom()
	renamed := d.rename()
	previous := d.current
	d.create()
	d.insist("unable to set mode of DIR/previous", func() error { return unix.Fchmod(previous, modeSafe) })
	unix.Close(previous)
	switch {
	case !renamed:
	case d.processor == nil:
		d.retire(previousFile, safeCode)
	default:
		d.process()
	}
}

// makeRoom sees to it that the first rotation does not replace a previous file
// that was left in a directory which, going by the mode of current, is clean.
func (d *logDir) makeRoom() {
	if !d.tidy {
		d.finish(previousFile, unsafeCode)
		d.tidy = true
	}
}

// rename makes current previous. It reports false if somebody has removed
// current: waiting, as the original does, would not bring it back.
func (d *logDir) rename() (renamed bool) {
	d.insist("unable to rename current to previous in directory DIR", func() error {
		err := renameat(d.fd, currentFile, previousFile)
		if renamed = err == nil; err == unix.ENOENT {
			return nil
		}
		return err
	})
	return renamed
}

// create makes a new current. With our umask, its mode is as given.
func (d *logDir) create() {
	d.insist("unable to create DIR/current", func() (err error) {
		d.current, err = openat(d.fd, currentFile, appendTo, modeUnsafe)
		return err
	})
	d.size = 0
}

// finish retires file if it exists. It may be an old log already, if whoever
// gave it that name was killed before removing the other.
func (d *logDir) finish(file, code string) {
	var st unix.Stat_t
	var missing bool
	d.insist("unable to stat DIR/"+file, func() error {
		err := unix.Fstatat(d.fd, file, &st, 0)
		if missing = err == unix.ENOENT; missing {
			return nil
		}
		return err
	})
	if missing {
		return
	}
	if st.Nlink == 1 || !d.isOld(&st) {
		d.link(file, code)
	}
	d.discard(file)
}

// retire makes file, which is no old log yet, one.
func (d *logDir) retire(file, code string) {
	d.link(file, code)
	d.discard(file)
}

// discard removes file, which is an old log now, and the oldest logs if there
// are too many.
func (d *logDir) discard(file string) {
	for err := unlinkat(d.fd, file); err != nil; err = unlinkat(d.fd, file) {
		d.retry("unable to remove DIR/"+file, err)
	}
	d.insist("unable to read DIR", d.prune)
}
