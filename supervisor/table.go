package supervisor

import (
	"runtime"

	"golang.org/x/sys/unix"
)

const (
	// tableSize is how many descriptors of services a table takes before
	// another is made. A fork copies the table, and the child keeps one of
	// that size.
	tableSize = 2000

	// spareFiles is how many descriptors of a table are kept free for what is
	// open only for a moment.
	spareFiles = 64
)

// A table is a descriptor table. Beside that of the process there can be more,
// each of a thread of its own: so the limit of descriptors does not limit the
// number of services, and starting one costs the same among ten as among ten
// thousand.
type table struct {
	used int
	room int

	calls chan func() // nil for the table of the process
	done  chan struct{}
}

// do calls f, which uses descriptors of the table, and returns when it has.
func (t *table) do(f func()) {
	if t.calls == nil {
		f()
		return
	}
	t.calls <- f
	<-t.done
}

// tables are the tables that there are, that of the process first.
type tables struct {
	all   []*table
	first int // descriptors below this one belong to every table
}

// newTables must be called before the process opens anything that is not for
// every table.
func newTables() *tables {
	first, err := unix.FcntlInt(0, unix.F_DUPFD_CLOEXEC, 3)
	if err != nil {
		first = 3
	}
	unix.Close(first)
	return &tables{[]*table{{room: fileLimit() - spareFiles}}, first}
}

func fileLimit() int {
	var limit unix.Rlimit
	if unix.Getrlimit(unix.RLIMIT_NOFILE, &limit) != nil {
		return 1024
	}
	return int(min(limit.Cur, 1<<30))
}

// reserve returns a table with room for n more descriptors, nil if there is
// none to be had. Give them back by counting down used.
func (ts *tables) reserve(n int) *table {
	for _, t := range ts.all {
		if t.used+n <= min(tableSize, t.room) {
			t.used += n
			return t
		}
	}
	t := ts.extend()
	if t == nil {
		t = ts.all[0] // then one has to do, as far as the limit goes
	}
	if t.used+n > t.room {
		return nil
	}
	t.used += n
	return t
}

// extend makes a table with a thread to it. Where that is forbidden, as in some
// containers, it returns nil.
func (ts *tables) extend() *table {
	t := &table{room: ts.all[0].room, calls: make(chan func()), done: make(chan struct{})}
	made := make(chan error)
	go t.serve(ts.first, made) // as long as the process
	if <-made != nil {
		return nil
	}
	ts.all = append(ts.all, t)
	return t
}

// serve takes calls on a thread that has a copy of the descriptor table of
// the process, without what other services have open.
func (t *table) serve(first int, made chan<- error) {
	runtime.LockOSThread()
	if err := unix.Unshare(unix.CLONE_FILES); err != nil {
		runtime.UnlockOSThread()
		made <- err
		return
	}
	// What is not close-on-exec was handed to us to be handed on.
	for fd := first; fd < t.room+spareFiles; fd++ {
		if flags, err := unix.FcntlInt(uintptr(fd), unix.F_GETFD, 0); err == nil && flags&unix.FD_CLOEXEC != 0 {
			unix.Close(fd)
		}
	}
	made <- nil
	for f := range t.calls {
		f()
		t.done <- struct{}{}
	}
}
