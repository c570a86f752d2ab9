package supervisor

import (
	"fmt"
	"os"
	"testing"

	"golang.org/x/sys/unix"
)

// inode returns what a descriptor of the calling thread is open on, 0 if it
// is not open.
func inode(fd int) uint64 {
	var st unix.Stat_t
	if unix.Fstat(fd, &st) != nil {
		return 0
	}
	return st.Ino
}

func TestTablesAreSeparate(t *testing.T) {
	ts := newTables()
	first, second := ts.reserve(tableSize), ts.reserve(tableSize)
	if first == nil || second == nil || first == second {
		t.Fatalf("reserve() = %p, then %p; want two tables", first, second)
	}
	var files [2]int
	for i, table := range []*table{first, second} {
		name := fmt.Sprintf("%s/%d", t.TempDir(), i)
		table.do(func() {
			var err error
			if files[i], err = unix.Open(name, unix.O_CREAT|unix.O_CLOEXEC, 0o600); err != nil {
				t.Error(err)
			}
		})
		defer table.do(func() { unix.Close(files[i]) })
	}
	first.do(func() {
		if inode(files[0]) == 0 {
			t.Error("the first table has lost its file")
		}
	})
	second.do(func() {
		if here, there := inode(files[0]), inode(files[1]); there == 0 || here != 0 && here != there {
			t.Errorf("in the second table the files are %d and %d; want only its own", here, there)
		}
	})
}

// What is locked in the table of the process is free when it is closed there:
// no other table may hold a copy of the descriptor.
func TestTablesKeepNoCopies(t *testing.T) {
	ts := newTables()
	name := t.TempDir() + "/lock"
	held, err := unix.Open(name, unix.O_CREAT|unix.O_CLOEXEC, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	if err := unix.Flock(held, unix.LOCK_EX); err != nil {
		t.Fatal(err)
	}
	if table := ts.extend(); table == ts.all[0] {
		t.Skip("this kernel has no CLOSE_RANGE_UNSHARE (before Linux 5.9)")
	}
	unix.Close(held)

	again, err := unix.Open(name, unix.O_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(again)
	if err := unix.Flock(again, unix.LOCK_EX|unix.LOCK_NB); err != nil {
		t.Errorf("flock of a file closed in its table: %v", err)
	}
}

func TestTablesHandOnWhatWasInherited(t *testing.T) {
	file, err := os.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	var inherited []int
	for _, least := range []int{200, 200, 300} { // two of them adjacent
		fd, err := unix.FcntlInt(file.Fd(), unix.F_DUPFD, least)
		if err != nil {
			t.Fatal(err)
		}
		defer unix.Close(fd)
		inherited = append(inherited, fd)
	}
	want := inode(inherited[0])
	ts := newTables()
	table := ts.extend()
	if table == ts.all[0] {
		t.Fatal("extend() makes no table")
	}
	table.do(func() {
		for _, fd := range inherited {
			if got := inode(fd); got != want {
				t.Errorf("descriptor %d is open on inode %d, want %d", fd, got, want)
			}
		}
	})
}

func TestReserve(t *testing.T) {
	tests := []struct {
		name string
		room int
		ask  []int
		want []int // index of the table, -1 for none
	}{
		{"one table", 100, []int{4, 10, 4}, []int{0, 0, 0}},
		{"more tables", 20, []int{10, 10, 10, 10, 10}, []int{0, 0, 1, 1, 2}},
		{"gaps are filled", 20, []int{16, 16, 4, 4}, []int{0, 1, 0, 1}},
		{"too much for any", 9, []int{10, 4}, []int{-1, 0}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			ts := newTables()
			ts.all[0].room = test.room
			for i, n := range test.ask {
				got := -1
				table := ts.reserve(n)
				for j := range ts.all {
					if ts.all[j] == table {
						got = j
					}
				}
				if got != test.want[i] {
					t.Errorf("reserve %d of %v = table %d, want %d", i, test.ask, got, test.want[i])
				}
			}
		})
	}
}

// With a kernel that has no close_range, the table of the process has to do.
// It is asked once: each time costs a thread.
func TestTablesThatCannotBeMade(t *testing.T) {
	ts := newTables()
	first := ts.first
	ts.first = -1 // no range begins there: the system call fails
	if got := ts.extend(); got != ts.all[0] {
		t.Errorf("extend() = %p, want the first table, %p", got, ts.all[0])
	}
	ts.first = first // as if the kernel could do it now
	if got := ts.extend(); got != ts.all[0] {
		t.Errorf("after a failure, extend() = %p, want the first table, %p", got, ts.all[0])
	}
}
