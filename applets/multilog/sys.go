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

func result(n uintptr, errno unix.Errno) (int, error) {
	if errno != 0 {
		return -1, errno
	}
	return int(n), nil
}
