package supervisor

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// The system calls of this file do not wait, and the runtime is not told of
// them. To be told would wake its monitor, a thread that then looks every 20 µs
// whether they have returned: on a small machine it takes a processor from the
// program that is just being started.

// waitNow waits for the child pid, or for any with anyChild, if one has ended.
// If not, ended is 0.
func waitNow(pid int) (ended int, status unix.WaitStatus) {
	n, _, errno := unix.RawSyscall6(unix.SYS_WAIT4, uintptr(pid), uintptr(unsafe.Pointer(&status)), unix.WNOHANG, 0, 0, 0)
	if errno != 0 {
		return 0, 0
	}
	return int(n), status
}

const anyChild = -1

// readNow reads from a non-blocking descriptor what there is, and returns how
// much.
func readNow(fd int, buffer []byte) int {
	n, _, errno := unix.RawSyscall(unix.SYS_READ, uintptr(fd), uintptr(unsafe.Pointer(&buffer[0])), uintptr(len(buffer)))
	if errno != 0 {
		return 0
	}
	return int(n)
}

// closeNow closes a descriptor that has nothing to write.
func closeNow(fd int) { unix.RawSyscall(unix.SYS_CLOSE, uintptr(fd), 0, 0) }

// pollNow returns how many events of an epoll set it has found.
func pollNow(fd int, events []unix.EpollEvent) int {
	n, _, errno := unix.RawSyscall6(unix.SYS_EPOLL_PWAIT, uintptr(fd), uintptr(unsafe.Pointer(&events[0])), uintptr(len(events)), 0, 0, 0)
	if errno != 0 {
		return 0
	}
	return int(n)
}

// lacksNow reports whether there is no file of that name in a directory. Should
// it have to wait for the disk after all, so does the loop, whoever is told.
func lacksNow(dir int, file string) bool {
	name, err := unix.BytePtrFromString(file)
	if err != nil {
		return false
	}
	_, _, errno := unix.RawSyscall(unix.SYS_FACCESSAT, uintptr(dir), uintptr(unsafe.Pointer(name)), unix.F_OK)
	return errno == unix.ENOENT
}

// giveWay lets a process run that waits for the processor we are on, such as
// one that has just been started there.
func giveWay() { unix.RawSyscall(unix.SYS_SCHED_YIELD, 0, 0, 0) }
