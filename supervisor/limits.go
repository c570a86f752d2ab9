package supervisor

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"unsafe"

	"golang.org/x/sys/unix"
)

// A fileLimit is the number of descriptors that this process may have, and
// the one that it was started with, which its children are to have.
type fileLimit struct {
	raised   bool
	original unix.Rlimit
}

// reserve sees to it that n descriptors can be open. Only root can have more
// than the hard limit.
func (f *fileLimit) reserve(n uint64) error {
	var limit unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &limit); err != nil || n <= limit.Cur {
		return err
	}
	most := unix.Rlimit{Cur: maxFiles(), Max: maxFiles()}
	// The runtime must not learn of it: else it would no longer give children
	// the soft limit that we were started with.
	_, _, errno := unix.RawSyscall6(unix.SYS_PRLIMIT64, 0, unix.RLIMIT_NOFILE,
		uintptr(unsafe.Pointer(&most)), 0, 0, 0)
	if errno != 0 {
		return fmt.Errorf("%d descriptors are needed, the limit is %d: %w", n, limit.Cur, errno)
	}
	if !f.raised {
		f.raised, f.original = true, unix.Rlimit{Cur: limit.Max, Max: limit.Max}
	}
	return nil
}

// maxFiles returns the most that the kernel lets a limit be.
func maxFiles() uint64 {
	text, _ := os.ReadFile("/proc/sys/fs/nr_open")
	most, err := strconv.ParseUint(strings.TrimSpace(string(text)), 10, 64)
	if err != nil {
		return 1 << 20
	}
	return most
}

// restore gives the child pid the original limit. The runtime has done so
// already if the soft limit was not the hard one.
func (f *fileLimit) restore(pid int) {
	if !f.raised {
		return
	}
	var limit unix.Rlimit
	if unix.Prlimit(pid, unix.RLIMIT_NOFILE, nil, &limit) == nil && limit.Max > f.original.Max {
		unix.Prlimit(pid, unix.RLIMIT_NOFILE, &f.original, nil)
	}
}
