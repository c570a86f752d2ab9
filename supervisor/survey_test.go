package supervisor

import (
	"maps"
	"os"
	"runtime"
	"slices"
	"testing"
	"testing/synctest"

	"golang.org/x/sys/unix"
)

// TestSurvey has processes that do not answer, or late.
func TestSurvey(t *testing.T) {
	for _, test := range []struct {
		name         string
		pids, hang   []int
		found, quiet []int
	}{
		{"none", nil, nil, nil, nil},
		{"all answer", []int{1, 2, 3}, nil, []int{1, 2, 3}, nil},
		{"the first", []int{1, 2, 3}, []int{1}, []int{2, 3}, []int{1}},
		{"the last", []int{1, 2, 3}, []int{3}, []int{1, 2}, []int{3}},
		{"the only one", []int{1}, []int{1}, nil, []int{1}},
		{"some", []int{1, 2, 3, 4, 5}, []int{2, 4}, []int{1, 3, 5}, []int{2, 4}},
		{"too many", []int{1, 2, 3, 4, 5, 6, 7}, []int{1, 3, 4, 5}, []int{2}, []int{1, 3, 4, 5}},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				answer := make(chan bool)
				found, silent := survey(test.pids, func(pid int) int {
					if slices.Contains(test.hang, pid) {
						<-answer
					}
					return -pid
				})
				close(answer)
				if got := slices.Sorted(maps.Keys(found)); !slices.Equal(got, test.found) {
					t.Errorf("there were answers of %v, want %v", got, test.found)
				}
				if !slices.Equal(silent, test.quiet) {
					t.Errorf("silent were %v, want %v", silent, test.quiet)
				}
				for pid, got := range found {
					if got != -pid {
						t.Errorf("the answer of %d is %d", pid, got)
					}
				}
			})
		})
	}
}

// Each silent process keeps a thread. There are to be some to spare all the same:
// a runtime that needs one, and is refused it, ends the process.
func TestSilenceLeavesThreadsToSpare(t *testing.T) {
	l := &loop{messages: newMessages(-1)}
	defer l.flush()
	threads := func() int {
		all, _ := os.ReadDir("/proc/self/task")
		return len(all)
	}
	var pipe [2]int
	if err := unix.Pipe2(pipe[:], unix.O_CLOEXEC); err != nil {
		t.Fatal(err)
	}
	defer unix.Close(pipe[0])
	defer unix.Close(pipe[1]) // which ends them
	before := threads()
	for count := before; count < before+spareThreads; count = threads() { // until none is to spare
		go unix.Read(pipe[0], make([]byte, 1))
		runtime.Gosched()
	}
	before = threads()
	l.noteSilent([]int{1, 2, 3, 4})
	if made := threads() - before; made < spareThreads-1 {
		t.Errorf("%d threads are made, want about %d", made, spareThreads)
	}
}
