package multilog

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// The scheduler is not told of these system calls, which are done often. While
// it knows of one it looks for something else to do, which costs more than the
// call; there is nothing else, and none of these takes long.

func rawRead(fd int, buffer []byte) (int, error) {
	n, _, errno := unix.RawSyscall(unix.SYS_READ, uintptr(fd), uintptr(unsafe.Pointer(&buffer[0])), uintptr(len(buffer)))
	return result(n, errno)
}

func rawWrite(fd int, text []byte) (int, error) {
	n, _, errno := unix.RawSyscall(unix.SYS_WRITE, uintptr(fd), uintptr(unsafe.Pointer(&text[0])), uintptr(len(text)))
	return result(n, errno)
}

// rawPoll waits in milliseconds.
func rawPoll(fds []unix.PollFd, timeout int) (int, error) {
	wait := unix.NsecToTimespec(int64(timeout) * 1e6)
	n, _, errno := unix.RawSyscall6(unix.SYS_PPOLL, uintptr(unsafe.Pointer(&fds[0])), uintptr(len(fds)), uintptr(unsafe.Pointer(&wait)), 0, 0, 0)
	return result(n, errno)
}

// A path is a file name as the kernel reads it. Package unix would make it on
// the heap; but a rotation is to leave no garbage, so that there need not be a
// garbage collector, which would take more memory than all the rest.
type path [nameMax + 1]byte

const nameMax = 255

func pathOf[name string | []byte](file name) (p path) {
	copy(p[:nameMax], file) // cannot be longer: ours are short, the others come from a directory
	return p
}

func openat(dir int, file string, flags int, mode uint32) (int, error) {
	p := pathOf(file)
	n, _, errno := unix.Syscall6(unix.SYS_OPENAT, uintptr(dir), uintptr(unsafe.Pointer(&p)), uintptr(flags), uintptr(mode), 0, 0)
	return result(n, errno)
}

func unlinkat[name string | []byte](dir int, file name) error {
	p := pathOf(file)
	_, _, errno := unix.Syscall(unix.SYS_UNLINKAT, uintptr(dir), uintptr(unsafe.Pointer(&p)), 0)
	return failure(errno)
}

func renameat(dir int, from, to string) error {
	old, fresh := pathOf(from), pathOf(to)
	_, _, errno := unix.Syscall6(unix.SYS_RENAMEAT2, uintptr(dir), uintptr(unsafe.Pointer(&old)), uintptr(dir), uintptr(unsafe.Pointer(&fresh)), 0, 0)
	return failure(errno)
}

func linkat(dir int, file string, link []byte) error {
	old, fresh := pathOf(file), pathOf(link)
	_, _, errno := unix.Syscall6(unix.SYS_LINKAT, uintptr(dir), uintptr(unsafe.Pointer(&old)), uintptr(dir), uintptr(unsafe.Pointer(&fresh)), 0, 0)
	return failure(errno)
}

func result(n uintptr, errno unix.Errno) (int, error) {
	if errno != 0 {
		return 0, errno
	}
	return int(n), nil
}

// failure is nil if there was none: an Errno of 0 as an error is not.
func failure(errno unix.Errno) error {
	if errno != 0 {
		return errno
	}
	return nil
}
