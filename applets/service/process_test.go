package service

import (
	"os"
	"os/exec"
	"slices"
	"testing"
	"time"

	"syn3d/protocol"

	"golang.org/x/sys/unix"
)

// startProcess starts a command, which is waited for when it ends, as init
// does with what has escaped.
func startProcess(t *testing.T, argv ...string) process {
	t.Helper()
	cmd := exec.Command(argv[0], argv[1:]...)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() { cmd.Wait(); close(done) }()
	t.Cleanup(func() { cmd.Process.Kill(); <-done })
	p, ok := readProcess(cmd.Process.Pid)
	if !ok {
		t.Fatalf("there is no process %d", cmd.Process.Pid)
	}
	return p
}

func TestReadProcess(t *testing.T) {
	before := time.Now()
	p := startProcess(t, "sleep", "1000")
	if p.Parent != os.Getpid() || !p.Alive() || !p.exists() {
		t.Errorf("readProcess = %+v, want a living child of %d", p, os.Getpid())
	}
	if since := p.since(); since.Before(before.Add(-time.Second)) || since.After(time.Now().Add(time.Second)) {
		t.Errorf("since() = %v, want about %v", since, before)
	}
	if !slices.Contains(ancestors(), os.Getppid()) || !slices.Contains(pids(), p.Pid) {
		t.Errorf("ancestors() = %v, pids() = %v, want %d and %d in them", ancestors(), pids(), os.Getppid(), p.Pid)
	}
}

func TestSignalAndAwait(t *testing.T) {
	p, other := startProcess(t, "sleep", "1000"), startProcess(t, "sleep", "1000")
	reused := other
	reused.Start-- // a process of the past, whose pid the other one has now
	reused.signal(unix.SIGKILL)
	if left := awaitEnd([]process{reused}, time.Hour); left != nil {
		t.Errorf("awaitEnd of what is long gone = %v, want none left", left)
	}
	if left := awaitEnd([]process{p, other}, 0); len(left) != 2 {
		t.Errorf("awaitEnd without time = %v, want both left", left)
	}
	p.signal(unix.SIGTERM)
	if left := awaitEnd([]process{p}, time.Hour); left != nil {
		t.Errorf("awaitEnd after TERM = %v, want none left", left)
	}
	if !other.exists() {
		t.Error("a process that was given a pid anew was hit")
	}
}

func TestDescendantsOf(t *testing.T) {
	all := map[int]process{}
	for pid, parent := range map[int]int{1: 0, 10: 1, 11: 10, 12: 10, 13: 11, 20: 1, 21: 20} {
		all[pid] = process{protocol.Process{Pid: pid, Parent: parent}}
	}
	tests := []struct {
		pid  int
		want []int
	}{
		{10, []int{10, 11, 12, 13}},
		{20, []int{20, 21}},
		{13, []int{13}},
		{0, nil},
		{99, nil},
	}
	for _, test := range tests {
		var got []int
		for _, p := range descendantsOf(test.pid, all) {
			got = append(got, p.Pid)
		}
		slices.Sort(got)
		if !slices.Equal(got, test.want) {
			t.Errorf("descendantsOf(%d) = %v, want %v", test.pid, got, test.want)
		}
	}
}
