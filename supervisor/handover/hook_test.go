//go:build !cgo && (amd64 || arm64)

package handover

import (
	"os"
	"os/signal"
	"runtime"
	"sync/atomic"
	"testing"

	"golang.org/x/sys/unix"
)

// TestHold has signals come between hold and release: they are there after it,
// as is what waited in the channel before.
func TestHold(t *testing.T) {
	told := make(chan os.Signal, 1)
	signal.Notify(told, unix.SIGUSR1)
	defer signal.Stop(told)
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	for range 100 {
		unix.Kill(os.Getpid(), unix.SIGUSR1)
		release := hold([]chan os.Signal{told})
		unix.Kill(os.Getpid(), unix.SIGUSR1)
		select {
		case <-told:
			t.Fatal("the signal has come to the channel")
		default:
		}
		release()
		if got := <-told; got != unix.SIGUSR1 {
			t.Fatalf("the signal is %v, want USR1", got)
		}
	}
}

// TestDeliver takes a signal down, and keeps a handler of the runtime back,
// until Deliver.
func TestDeliver(t *testing.T) {
	told := make(chan os.Signal, 1)
	signal.Notify(told, unix.SIGUSR2)
	defer signal.Stop(told)
	var runtimes action
	if !catchSignal(uintptr(unix.SIGUSR2), &runtimes) {
		t.Fatal("USR2 is ignored")
	}
	keptBack, executor = 1<<unix.SIGUSR2, 0
	signal.Ignore(unix.SIGUSR2) // the runtime installs something
	if kept := actions[unix.SIGUSR2]; kept.handler != sigIgnore {
		t.Errorf("what is kept back is %+v, want to ignore", kept)
	}
	actions[unix.SIGUSR2] = runtimes
	signal.Notify(told, unix.SIGUSR2)
	unix.Kill(os.Getpid(), unix.SIGUSR2)
	for atomic.LoadUint64(&noted) == 0 {
	}
	Deliver()
	if got := <-told; got != unix.SIGUSR2 {
		t.Errorf("the signal is %v, want USR2", got)
	}
}
