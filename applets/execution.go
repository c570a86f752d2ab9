package applets

import (
	"runtime/debug"
	"syscall"
	"unsafe"

	"syn3d/applets/inherited"
	"syn3d/protocol"

	"golang.org/x/sys/unix"
)

// An execution is a program to execute, with everything that the system calls
// want in its place: once its memory is limited, the Go runtime dies when it
// needs more of it, so nothing may allocate from there to the exec. What runs
// there does not let its stack grow either: that is what nosplit says.
type execution struct {
	files      []*byte // to try in turn; this and the next two end with nil
	argv, envp []*byte
	limits     []limit
}

// A limit is a limit to set.
type limit struct {
	inherited.Limit
	before unix.Rlimit // what it was
}

func (c *chain) prepare(argv, files []string) (x *execution, err error) {
	x = &execution{limits: c.putOff}
	if x.files, err = syscall.SlicePtrFromStrings(files); err != nil {
		return nil, err
	}
	if x.argv, err = syscall.SlicePtrFromStrings(argv); err != nil {
		return nil, err
	}
	if x.envp, err = syscall.SlicePtrFromStrings(c.environ); err != nil {
		return nil, err
	}
	if len(x.limits) > 0 {
		debug.SetGCPercent(-1) // for good: a collection under way needs memory too
	}
	return x, nil
}

// run executes the program under its limits. It returns only if that fails,
// and then without them, so that there is memory to complain.
//
//go:nosplit
//go:norace
func (x *execution) run() unix.Errno {
	for i := range x.limits {
		l := &x.limits[i]
		if errno := l.Set(&l.before); errno != 0 {
			return errno
		}
	}
	errno := x.try()
	for i := len(x.limits) - 1; i >= 0; i-- {
		before := inherited.Limit{Resource: x.limits[i].Resource, Rlimit: x.limits[i].before}
		before.Set(nil)
	}
	return errno
}

// try executes the first of the files that can be.
//
//go:nosplit
//go:norace
func (x *execution) try() unix.Errno {
	failure := unix.ENOENT
	for _, file := range x.files[:len(x.files)-1] {
		_, _, errno := unix.RawSyscall(unix.SYS_EXECVE, uintptr(unsafe.Pointer(file)),
			uintptr(unsafe.Pointer(&x.argv[0])), uintptr(unsafe.Pointer(&x.envp[0])))
		if errno != unix.ENOENT {
			failure = errno
		}
		if !protocol.KeepLooking(errno) {
			break
		}
	}
	return failure
}
