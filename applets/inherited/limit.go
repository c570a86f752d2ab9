package inherited

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// A Limit is a limit of a process, soft and hard. Its methods can be called
// where nothing may allocate.
type Limit struct {
	Resource int
	unix.Rlimit
}

// Get asks for the limit that is in force.
//
//go:nosplit
//go:norace
func (l *Limit) Get() unix.Errno { return prlimit(l.Resource, nil, &l.Rlimit) }

// Set puts the limit in force. Unless before is nil, it then holds what was
// in force.
//
//go:nosplit
//go:norace
func (l *Limit) Set(before *unix.Rlimit) unix.Errno { return prlimit(l.Resource, &l.Rlimit, before) }

//go:nosplit
//go:norace
func prlimit(resource int, set, get *unix.Rlimit) unix.Errno {
	_, _, errno := unix.RawSyscall6(unix.SYS_PRLIMIT64, 0, uintptr(resource),
		uintptr(unsafe.Pointer(set)), uintptr(unsafe.Pointer(get)), 0, 0)
	return errno
}
