package applets

import (
	"errors"
	"runtime"
	"unsafe"

	"syn3d/protocol"

	"golang.org/x/sys/unix"
)

// fghack runs a program in a child and waits until nobody holds any more one
// of the descriptors that it has been given: a program that puts itself into
// the background, and closes a few descriptors as it does so, is waited for
// nevertheless.
func fghack(c *chain, args []string) (next []string, err error) {
	if len(args) == 0 {
		return nil, Usage("fghack: usage: fghack child")
	}
	child, err := c.startHolder(args)
	if err != nil {
		return nil, err
	}
	child.awaitRelease()
	return nil, child.wait()
}

// A holder is a child that holds the other end of a pipe.
type holder struct {
	argv []string
	pid  int
	pipe int
	// failure is the error of a child that could not execute its program. It
	// lies in memory that both share.
	failure *unix.Errno
}

func (c *chain) startHolder(argv []string) (*holder, error) {
	x, err := c.prepare(argv, protocol.Candidates(argv[0], protocol.Path(c.environ)))
	if err != nil {
		return nil, unableToRun(argv, err)
	}
	shared, err := unix.Mmap(-1, 0, int(unsafe.Sizeof(unix.Errno(0))),
		unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED|unix.MAP_ANONYMOUS)
	if err != nil {
		return nil, &protocol.Error{What: "unable to fork", Err: err}
	}
	failure := (*unix.Errno)(unsafe.Pointer(&shared[0]))

	var pipe [2]int
	if err := unix.Pipe2(pipe[:], 0); err != nil {
		return nil, &protocol.Error{What: "unable to create pipe", Err: err}
	}
	pid, errno := x.forkHolding(pipe[1], pipe[0], failure)
	if errno != 0 {
		return nil, &protocol.Error{What: "unable to fork", Err: errno}
	}
	runtime.KeepAlive(x)
	unix.Close(pipe[1])
	return &holder{argv, pid, pipe[0], failure}, nil
}

// forkHolding starts a child that executes x. It holds descriptor 31 times,
// so that it must know of it who would close it, and closes other.
//
//go:nosplit
//go:norace
func (x *execution) forkHolding(descriptor, other int, failure *unix.Errno) (pid int, errno unix.Errno) {
	child, _, errno := unix.RawSyscall6(unix.SYS_CLONE, uintptr(unix.SIGCHLD), 0, 0, 0, 0, 0)
	if child != 0 || errno != 0 {
		return int(child), errno
	}
	// Of the parent's threads there is only this one in the child: the Go
	// runtime must not be called any more.
	unix.RawSyscall(unix.SYS_CLOSE, uintptr(other), 0, 0)
	for range 30 {
		unix.RawSyscall(unix.SYS_DUP, uintptr(descriptor), 0, 0)
	}
	*failure = x.run()
	for {
		unix.RawSyscall(unix.SYS_EXIT_GROUP, codeFatal, 0, 0)
	}
}

// awaitRelease waits until nobody holds the pipe any more.
func (h *holder) awaitRelease() {
	var discarded [4096]byte
	for {
		n, err := unix.Read(h.pipe, discarded[:])
		if n <= 0 && err != unix.EINTR {
			return
		}
	}
}

// wait returns how the child has ended.
func (h *holder) wait() error {
	var status unix.WaitStatus
	_, err := unix.Wait4(h.pid, &status, 0, nil)
	for err == unix.EINTR {
		_, err = unix.Wait4(h.pid, &status, 0, nil)
	}
	switch {
	case *h.failure != 0:
		return unableToRun(h.argv, *h.failure)
	case err != nil:
		return &protocol.Error{What: "wait failed", Err: err}
	case status.Signaled():
		return errors.New("child crashed")
	}
	return Silently(status.ExitStatus())
}
