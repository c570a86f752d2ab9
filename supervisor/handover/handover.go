package handover

import (
	"os"
	"runtime"
	"sync/atomic"
	"unsafe"

	"golang.org/x/sys/unix"
)

const (
	// held are the signals that end a program without handlers, and none of Go's
	// that asks for them: bit n is signal n.
	held = 1<<unix.SIGHUP | 1<<unix.SIGINT | 1<<unix.SIGQUIT | 1<<unix.SIGUSR1 | 1<<unix.SIGUSR2 |
		1<<unix.SIGPIPE | 1<<unix.SIGALRM | 1<<unix.SIGTERM | 1<<unix.SIGXCPU | 1<<unix.SIGXFSZ |
		1<<unix.SIGVTALRM | 1<<unix.SIGIO | 1<<unix.SIGPWR

	// A program that finds the last of the realtime signals blocked, and no
	// other of them, has been executed by Exec.
	mark uint64 = 1 << 63
	// all of them, which begin with 34
	realtime uint64 = 1<<64 - 1<<33

	ends = 32 // signals from there on are not held

	// In a mask of the kernel, bit n-1 is signal n.
	heldMask uint64  = held >> 1
	maskSize uintptr = 8

	sigIgnore = 1

	// x/sys does not have these.
	saSigInfo  = 0x00000004
	saRestorer = 0x04000000
	saOnStack  = 0x08000000
	saRestart  = 0x10000000
)

// An action is what the kernel knows of a signal.
type action struct{ handler, flags, restorer, mask uintptr }

// What the assembly shares with us.
var (
	keptBack uint64       // signals of which the runtime's handlers go to actions
	actions  [ends]action // of the runtime
	noted    uint64       // signals that have come
	executor uint64       // the thread to which they are sent on instead, or 0
	process  uint64       // and its process
)

// Begin is called before the runtime starts, with the mask of signals that this
// process has found blocked, and returns the one that it would have found had
// it not been executed by Exec.
//
//go:nosplit
//go:norace
func Begin(blocked uint64) uint64 {
	if !hooked || blocked&realtime != mark {
		return blocked
	}
	for s := uintptr(1); s < ends; s++ {
		if held&(1<<s) != 0 && catchSignal(s, nil) {
			keptBack |= 1 << s
		}
	}
	// What our starter itself had blocked of these is not any longer.
	blocked &^= heldMask | mark
	changeMask(unix.SIG_SETMASK, &blocked, nil)
	return blocked
}

// catchSignal has our handler called for a signal, unless it is ignored, and
// reports whether it is. Unless before is nil, it then holds what was.
//
//go:nosplit
//go:norace
func catchSignal(s uintptr, before *action) bool {
	var now action
	setAction(s, nil, &now)
	if now.handler == sigIgnore {
		return false
	}
	if before != nil {
		*before = now
	}
	handler, restorer := handlers()
	now = action{handler, saSigInfo | saOnStack | saRestart | saRestorer, restorer, ^uintptr(0)}
	setAction(s, &now, nil)
	return true
}

//go:nosplit
//go:norace
func setAction(s uintptr, next, before *action) {
	unix.RawSyscall6(unix.SYS_RT_SIGACTION, s, uintptr(unsafe.Pointer(next)), uintptr(unsafe.Pointer(before)), maskSize, 0, 0)
}

// changeMask changes the mask of this thread.
//
//go:nosplit
//go:norace
func changeMask(how uintptr, set, before *uint64) {
	unix.RawSyscall6(unix.SYS_RT_SIGPROCMASK, how, uintptr(unsafe.Pointer(set)), uintptr(unsafe.Pointer(before)), maskSize, 0, 0)
}

// Deliver must be called in a program that may have been executed by Exec, or
// within Fork, when it has channels for all signals that it wants.
func Deliver() {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	defer gather()() // as a thread may still be on its way to take one down
	late := keptBack
	keptBack = 0
	forEach(late, func(s unix.Signal) { setAction(uintptr(s), &actions[s], nil) })
	forEach(atomic.SwapUint64(&noted, 0), func(s unix.Signal) { unix.Kill(os.Getpid(), s) })
}

// gather has catch send signals on to this thread, where they wait until
// release is called.
func gather() (release func()) {
	release = block()
	atomic.StoreUint64(&process, uint64(os.Getpid()))
	atomic.StoreUint64(&executor, uint64(unix.Gettid()))
	return release
}

// block has this thread hold signals, and what it executes or forks, until
// release is called.
func block() (release func()) {
	blocked, before := heldMask|mark, uint64(0)
	changeMask(unix.SIG_BLOCK, &blocked, &before)
	return func() { changeMask(unix.SIG_SETMASK, &before, nil) }
}

func forEach(signals uint64, do func(unix.Signal)) {
	for s := unix.Signal(1); s < ends; s++ {
		if signals&(1<<s) != 0 {
			do(s)
		}
	}
}
