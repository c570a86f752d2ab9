package multilog

import (
	"bytes"
	"encoding/binary"
	"time"

	"syn3d/protocol"

	"golang.org/x/sys/unix"
)

// Old logs are the files of a log directory that are named by a label,
// whatever follows it. The label, made up or not, is their age.

// link gives file the name of an old log, besides its own.
func (d *logDir) link(file, code string) {
	for {
		label := labelAfter(d.newest, protocol.LabelOf(time.Now()))
		var buffer [protocol.LabelTextSize + 2]byte
		name := append(protocol.AppendLabelText(buffer[:0], label), code...)
		err := linkat(d.fd, file, name)
		if err == nil {
			d.newest = label
			return
		}
		d.retry("unable to link to DIR/"+string(name), err)
	}
}

// labelAfter returns now, or, if the newest old log has that label or a later
// one, what comes next to that: the clock may have been set back, and whatever
// has the least label is removed first.
func labelAfter(newest, now protocol.Label) protocol.Label {
	if next := following(newest); !less(newest, now) && less(newest, next) {
		return next
	}
	return now
}

// following returns the label a microsecond after l.
func following(l protocol.Label) protocol.Label {
	const second = 1e9
	if l.Nano += 1000; l.Nano >= second {
		l.Nano %= 1000
		l.Sec++
	}
	return l
}

func less(a, b protocol.Label) bool {
	return a.Sec < b.Sec || a.Sec == b.Sec && a.Nano < b.Nano
}

// findNewest looks for the newest of the old logs. A name that is no label,
// which cannot have been given by us, does not count.
func (d *logDir) findNewest() error {
	logs := oldLogs{dir: d}
	for logs.next() {
		label, ok := protocol.ParseLabel(logs.name[:protocol.LabelTextSize])
		if ok && less(d.newest, label) {
			d.newest = label
		}
	}
	return logs.err
}

// isOld reports whether a file is an old log already: whoever gave it that name
// was killed before removing the other. A second link need not mean that; it
// may be a backup.
func (d *logDir) isOld(file *unix.Stat_t) bool {
	logs := oldLogs{dir: d}
	for logs.next() {
		var st unix.Stat_t
		err := unix.Fstatat(d.fd, string(logs.name), &st, 0)
		if err == nil && st.Ino == file.Ino && st.Dev == file.Dev {
			return true
		}
	}
	return false
}

// prune removes the oldest logs until there are, with current, as many as
// there may be.
func (d *logDir) prune() error {
	for {
		logs, count := oldLogs{dir: d}, 0
		var buffer [nameMax]byte
		least := buffer[:0]
		for logs.next() {
			if count++; count == 1 || bytes.Compare(logs.name, least) < 0 {
				least = append(buffer[:0], logs.name...)
			}
		}
		if logs.err != nil || count < d.keep {
			return logs.err
		}
		if err := unlinkat(d.fd, least); err != nil && err != unix.ENOENT {
			return err
		}
		if count == d.keep { // as always, unless something has changed
			return nil
		}
	}
}

// oldLogs go through the old logs of a directory, in no order. There may be
// only one of them at a time.
type oldLogs struct {
	dir     *logDir
	begun   bool
	entries []byte // of dir.listing, yet to be looked at
	name    []byte // until next is called again
	err     error
}

// next reports whether there is one more.
func (o *oldLogs) next() bool {
	for {
		for len(o.entries) > 0 {
			if o.name, o.entries = cutEntry(o.entries); o.name != nil {
				return true
			}
		}
		if !o.read() {
			return false
		}
	}
}

// read reads more entries.
func (o *oldLogs) read() bool {
	if !o.begun {
		o.begun = true
		if _, o.err = unix.Seek(o.dir.fd, 0, unix.SEEK_SET); o.err != nil {
			return false
		}
	}
	var n int
	n, o.err = unix.Getdents(o.dir.fd, o.dir.listing[:])
	o.entries = o.dir.listing[:max(n, 0)]
	return n > 0
}

// cutEntry returns the name in the first of the directory entries that the
// kernel has returned, nil if it is not that of an old log, and the others.
// Directories are none, whatever their name: they could not be removed.
func cutEntry(entries []byte) (name, rest []byte) {
	// An entry is an inode and an offset, its own size, its type, its name.
	const sizeAt, typeAt, nameAt = 16, 18, 19
	if len(entries) < nameAt {
		return nil, nil
	}
	size := int(binary.NativeEndian.Uint16(entries[sizeAt:]))
	if size < nameAt || size > len(entries) {
		return nil, nil
	}
	name, _, _ = bytes.Cut(entries[nameAt:size], []byte{0})
	if len(name) < protocol.LabelTextSize || len(name) > nameMax || name[0] != '@' || entries[typeAt] == unix.DT_DIR {
		name = nil
	}
	return name, entries[size:]
}
