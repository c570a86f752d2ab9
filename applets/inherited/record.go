package inherited

import (
	"runtime"
	"unsafe"

	"syn3d/supervisor/handover"

	"golang.org/x/sys/unix"
)

// What record has found.
var (
	recorded bool
	ignored  uint64       // bit n-1 is signal n
	blocked  uint64       // the same
	closed   [stdFds]bool // standard descriptors
	memory   = [...]Limit{{Resource: unix.RLIMIT_AS}, {Resource: unix.RLIMIT_DATA}}
)

// runtimeNeeds is what the Go runtime can live with, of address space and of
// data, amply.
const runtimeNeeds = 2 << 30

const (
	signals = 64 // the kernel knows 1 to 64
	stdFds  = 3

	sigDefault uintptr = 0
	sigIgnore  uintptr = 1
	maskSize   uintptr = signals / 8
)

// A sigaction is what the kernel knows of a signal.
type sigaction struct {
	handler  uintptr
	flags    uintptr
	restorer uintptr
	mask     uint64
}

// record looks at what this process was handed, and makes room for the
// runtime. beforeRuntime calls it when there is no goroutine yet, no heap and
// no stack that could grow.
//
//go:nosplit
//go:norace
func record() {
	recorded = true
	runtime.MemProfileRate = 0 // or the first allocation would be sampled, for nobody
	for s := uintptr(1); s <= signals; s++ {
		var action sigaction
		unix.RawSyscall6(unix.SYS_RT_SIGACTION, s, 0, uintptr(unsafe.Pointer(&action)), maskSize, 0, 0)
		if action.handler == sigIgnore {
			ignored |= 1 << (s - 1)
		}
	}
	unix.RawSyscall6(unix.SYS_RT_SIGPROCMASK, 0, 0, uintptr(unsafe.Pointer(&blocked)), maskSize, 0, 0)
	blocked = handover.Begin(blocked)
	for fd := uintptr(0); fd < stdFds; fd++ {
		_, _, errno := unix.RawSyscall(unix.SYS_FCNTL, fd, unix.F_GETFD, 0)
		closed[fd] = errno == unix.EBADF
		if closed[fd] {
			occupy()
		}
	}
	raiseMemory()
}

var devNull, root = [...]byte{'/', 'd', 'e', 'v', '/', 'n', 'u', 'l', 'l', 0}, [...]byte{'/', 0}

// occupy opens /dev/null in the place of a closed standard descriptor, as the
// runtime would. But the runtime dies where there is no /dev/null, and init
// must not: then the root directory stands in for it.
//
//go:nosplit
//go:norace
func occupy() {
	here := unix.AT_FDCWD
	_, _, errno := unix.RawSyscall6(unix.SYS_OPENAT, uintptr(here), uintptr(unsafe.Pointer(&devNull)), unix.O_RDWR, 0, 0, 0)
	if errno != 0 {
		unix.RawSyscall6(unix.SYS_OPENAT, uintptr(here), uintptr(unsafe.Pointer(&root)), unix.O_RDONLY, 0, 0, 0)
	}
}

// raiseMemory lets the runtime have the memory that it needs, if it may.
//
//go:nosplit
//go:norace
func raiseMemory() {
	for i := range memory {
		l := &memory[i]
		l.Get()
		if !l.tight() {
			continue
		}
		raised := Limit{l.Resource, unix.Rlimit{Cur: l.Max, Max: l.Max}}
		raised.Set(nil)
	}
}

// tight reports whether the soft limit has to be raised, and can be.
//
//go:nosplit
//go:norace
func (l *Limit) tight() bool { return l.Cur < runtimeNeeds && l.Cur < l.Max }
