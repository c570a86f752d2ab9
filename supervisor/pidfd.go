package supervisor

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// A pidfd tells of the end of a process. Where there is none to be had, before
// Linux 5.3, say, it is noPidfd.
type pidfd struct {
	fd  int
	key int32 // in the poller
}

var noPidfd = pidfd{fd: -1}

// watch calls ended, in the loop, when the process pid has ended.
func (p *poller) watch(pid int, ended func()) (pidfd, error) {
	fd, err := unix.PidfdOpen(pid, 0)
	if err != nil {
		return noPidfd, err
	}
	// Once only: who debugs the process can keep it from being waited for.
	key, err := p.register(fd, unix.EPOLLIN|unix.EPOLLET, ended)
	if err != nil {
		unix.Close(fd)
		return noPidfd, err
	}
	return pidfd{fd, key}, nil
}

// unwatch ends what watch began.
func (p *poller) unwatch(w pidfd) {
	if w != noPidfd {
		p.remove(w.key)
		closeNow(w.fd)
	}
}

// pidfdInfo is struct pidfd_info of linux/pidfd.h, which x/sys does not have.
type pidfdInfo struct {
	mask     uint64
	cgroupID uint64
	ids      [11]uint32
	exitCode int32 // as a wait status
}

const (
	pidfdGetInfo  = 0xC000_FF0B | unsafe.Sizeof(pidfdInfo{})<<16 // _IOWR(0xFF, 11, struct pidfd_info)
	pidfdInfoExit = 1 << 3
)

// pidfdExit returns how the process of a pidfd has ended: a kernel since Linux
// 6.15 tells that to others than its parent, too. The error is EAGAIN as long as
// the parent has not waited for the process.
func pidfdExit(fd int) (unix.WaitStatus, error) {
	info := pidfdInfo{mask: pidfdInfoExit}
	_, _, errno := unix.Syscall(unix.SYS_IOCTL, uintptr(fd), pidfdGetInfo, uintptr(unsafe.Pointer(&info)))
	switch {
	case errno == unix.ESRCH:
		return 0, unix.EAGAIN
	case errno != 0:
		return 0, errno
	case info.mask&pidfdInfoExit == 0:
		return 0, unix.EAGAIN
	}
	return unix.WaitStatus(info.exitCode), nil
}
