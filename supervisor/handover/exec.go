package handover

import (
	"os"
	"os/signal"
	"runtime"
	"syscall"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Whoever has just written a program may have forked meanwhile, and the child
// still has it open for a moment.
const (
	busyTries = 20
	busyPause = 10 * time.Millisecond
)

// Exec executes a program in the place of this one, which has to call Deliver.
// What waits in the channels of signals, and what comes from now on, is for that
// program. Exec returns only if it fails, and then everything is as it was.
func Exec(program string, argv, environ []string, told ...chan os.Signal) error {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	defer limitFiles()()
	defer hold(told)()
	for tries := 0; ; tries++ {
		err := syscall.Exec(program, argv, environ)
		if err != unix.ETXTBSY || tries == busyTries {
			return err
		}
		time.Sleep(busyPause)
	}
}

// Fork calls start, which starts a child of a program that will call Deliver: no
// signal ends it before.
func Fork(start func()) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	if hooked {
		defer block()()
	}
	start()
}

// limitFiles returns what sets the limit of descriptors to what it is now. An
// exec gives the program the one that we were given. If it fails, that would be
// ours for good. Setrlimit would hand it on to children, too.
func limitFiles() (restore func()) {
	var limit unix.Rlimit
	unix.Getrlimit(unix.RLIMIT_NOFILE, &limit)
	return func() {
		unix.RawSyscall6(unix.SYS_PRLIMIT64, 0, unix.RLIMIT_NOFILE, uintptr(unsafe.Pointer(&limit)), 0, 0, 0)
	}
}

// hold has signals wait for the next program, until release is called. It must
// be called in the thread that will execute it.
func hold(told []chan os.Signal) (release func()) {
	if !hooked {
		return func() {}
	}
	resume := gather()
	var handled [ends]action
	var caught uint64
	forEach(held, func(s unix.Signal) {
		if catchSignal(uintptr(s), &handled[s]) {
			caught |= 1 << s
		}
	})
	settle()
	for _, c := range told {
		putBack(c)
	}
	return func() {
		forEach(caught, func(s unix.Signal) { setAction(uintptr(s), &handled[s], nil) })
		resume() // what is pending comes to the channels now
	}
}

// settle waits until what has come before is in its channels: package signal
// does so whenever it gives up one.
func settle() {
	c := make(chan os.Signal, 1)
	signal.Notify(c, unix.SIGWINCH)
	signal.Stop(c)
}

// putBack makes what waits in a channel pending for this thread.
func putBack(c chan os.Signal) {
	for {
		select {
		case s := <-c:
			unix.Tgkill(os.Getpid(), unix.Gettid(), s.(unix.Signal))
		default:
			return
		}
	}
}
