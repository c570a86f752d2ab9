package multilog

import (
	"bytes"
	"encoding/binary"
	"slices"
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
		name := string(protocol.AppendLabelText(nil, label)) + "." + code
		err := unix.Linkat(d.fd, file, d.fd, name, 0)
		if err == nil {
			d.newest = name
			return
		}
		d.retry("unable to link to DIR/"+name, err)
	}
}

// labelAfter returns now, or, if the newest old log has that label or a later
// one, what comes next to that: the clock may have been set back, and whatever
// has the least label is removed first.
func labelAfter(newest string, now protocol.Label) protocol.Label {
	label, ok := labelOf(newest)
	if next := following(label); ok && !less(label, now) && less(label, next) {
		return next
	}
	return now
}

// labelOf returns the label that the name of an old log begins with.
func labelOf(name string) (protocol.Label, bool) {
	return protocol.ParseLabel([]byte(name[:min(len(name), protocol.LabelTextSize)]))
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

// isOld reports whether a file is an old log already: whoever gave it that name
// was killed before removing the other. A second link need not mean that; it
// may be a backup.
func (d *logDir) isOld(file *unix.Stat_t) bool {
	names, _ := d.oldLogs()
	return slices.ContainsFunc(names, func(name string) bool {
		var st unix.Stat_t
		err := unix.Fstatat(d.fd, name, &st, 0)
		return err == nil && st.Ino == file.Ino && st.Dev == file.Dev
	})
}

// prune removes the oldest logs until there are, with current, as many as
// there may be.
func (d *logDir) prune() error {
	names, err := d.oldLogs()
	if err != nil {
		return err
	}
	for _, name := range surplus(names, d.keep) {
		if err := unix.Unlinkat(d.fd, name, 0); err != nil && err != unix.ENOENT {
			return err
		}
	}
	return nil
}

// surplus returns the old logs that have to go.
func surplus(names []string, keep int) []string {
	slices.Sort(names)
	return names[:max(0, len(names)-keep+1)]
}

// findNewest looks for the newest of the old logs. A name that is no label,
// which cannot have been given by us, does not count.
func (d *logDir) findNewest() error {
	names, err := d.oldLogs()
	for _, name := range names {
		if _, ok := labelOf(name); ok {
			d.newest = max(d.newest, name)
		}
	}
	return err
}

// oldLogs returns the names of the old logs in no order.
func (d *logDir) oldLogs() (names []string, err error) {
	if _, err := unix.Seek(d.fd, 0, unix.SEEK_SET); err != nil {
		return nil, err
	}
	var entries [4096]byte
	for {
		n, err := unix.Getdents(d.fd, entries[:])
		if n <= 0 {
			return names, err
		}
		names = appendOldLogs(names, entries[:n])
	}
}

// appendOldLogs appends to names those of the old logs among the directory
// entries that the kernel has returned. Directories are none, whatever their
// name: they could not be removed.
func appendOldLogs(names []string, entries []byte) []string {
	// An entry is an inode and an offset, its own size, its type, its name.
	const sizeAt, typeAt, nameAt = 16, 18, 19
	for len(entries) >= nameAt {
		size := int(binary.NativeEndian.Uint16(entries[sizeAt:]))
		if size < nameAt || size > len(entries) {
			break
		}
		name, _, _ := bytes.Cut(entries[nameAt:size], []byte{0})
		if len(name) >= protocol.LabelTextSize && name[0] == '@' && entries[typeAt] != unix.DT_DIR {
			names = append(names, string(name))
		}
		entries = entries[size:]
	}
	return names
}
