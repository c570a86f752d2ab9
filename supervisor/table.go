package supervisor

import (
	"math"
	"os"
	"runtime"
	"slices"
	"strconv"

	"golang.org/x/sys/unix"
)

const (
	// tableSize is how many descriptors of services a table takes before
	// another is made. A fork copies the table, the child keeps one of that
	// size, and an exec closes what is in it.
	tableSize = 250

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

// do calls f, which uses descriptors of the table, and returns when it has. f
// may not call do in turn.
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
	all       []*table
	first     int   // descriptors below this one belong to every table
	inherited []int // and so do these, which we were given to hand on
	only      bool  // the first table is all that this kernel allows
}

// newTables must be called before the process opens anything that is not for
// every table.
func newTables() *tables {
	first, err := unix.FcntlInt(0, unix.F_DUPFD_CLOEXEC, 3)
	if err != nil {
		first = 3
	}
	unix.Close(first)
	ts := &tables{all: []*table{{room: tableRoom()}}, first: first}

	open, _ := os.ReadDir("/proc/self/fd")
	for _, entry := range open {
		fd, _ := strconv.Atoi(entry.Name())
		flags, err := unix.FcntlInt(uintptr(fd), unix.F_GETFD, 0)
		if fd > first && err == nil && flags&unix.FD_CLOEXEC == 0 {
			ts.inherited = append(ts.inherited, fd)
		}
	}
	slices.Sort(ts.inherited)
	return ts
}

// tableRoom returns how many descriptors of services a table can hold.
func tableRoom() int {
	var limit unix.Rlimit
	if unix.Getrlimit(unix.RLIMIT_NOFILE, &limit) != nil {
		limit.Cur = 1024
	}
	files := int(min(limit.Cur, 1<<30))
	return files - min(spareFiles, files/2)
}

// reserve returns a table with room for n more descriptors, nil if there is
// none to be had. Give them back by counting down used.
func (ts *tables) reserve(n int) *table {
	room := ts.all[0].room
	if n > room {
		return nil
	}
	for _, t := range ts.all {
		if t.used+n <= min(tableSize, room) {
			t.used += n
			return t
		}
	}
	t := ts.extend()
	if t.used+n > room {
		return nil
	}
	t.used += n
	return t
}

// extend makes a table with a thread to it. With a kernel that cannot, before
// Linux 5.9, the table of the process has to do, as far as its limit goes.
func (ts *tables) extend() *table {
	if ts.only {
		return ts.all[0]
	}
	t := &table{room: ts.all[0].room, calls: make(chan func()), done: make(chan struct{})}
	made := make(chan error)
	go t.serve(ts, made) // as long as the process
	if err := <-made; err != nil {
		ts.only = err != unix.ENOMEM // which may pass
		return ts.all[0]
	}
	ts.all = append(ts.all, t)
	makeThreads() // one that was to spare is its own now
	return t
}

// serve takes calls on a thread with a descriptor table of its own.
func (t *table) serve(ts *tables, made chan<- error) {
	runtime.LockOSThread()
	if unix.Gettid() == unix.Getpid() {
		// The table of the first thread is what others take for that of the
		// process. While we keep that thread, another one will be found.
		go t.serve(ts, made)
		select {}
	}
	err := ts.separate()
	made <- err
	if err != nil {
		return // still locked: the thread, whatever its table is now, ends with us
	}
	for f := range t.calls {
		f()
		t.done <- struct{}{}
	}
}

// separate gives the calling thread a table of its own, with what belongs to
// every table in it.
func (ts *tables) separate() error {
	first, flags := ts.first, uint(unix.CLOSE_RANGE_UNSHARE)
	for _, fd := range ts.inherited {
		if fd > first {
			if err := unix.CloseRange(uint(first), uint(fd-1), flags); err != nil {
				return err
			}
			flags = 0
		}
		first = fd + 1
	}
	return unix.CloseRange(uint(first), math.MaxInt32, flags)
}
