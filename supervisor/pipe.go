package supervisor

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"syn3d/protocol"

	"golang.org/x/sys/unix"
)

// A pipeEnd is where one end of a pipe between a service and its log is to be
// found.
type pipeEnd struct {
	dir   string // of the service, or of its log
	fd    int    // which it has as this
	inode func(protocol.Detail) uint64
}

// findPipe finds the pipe between the service name and its log that a svscan
// has left when it died: one of the two processes may still have it, or a
// supervise of theirs, or a keeper. There may be something in it, and later
// instances are to have the same as those that run.
func (sc *scanner) findPipe(name string) (pipe [2]int, found bool) {
	ends := []pipeEnd{
		{name, 1, func(d protocol.Detail) uint64 { return d.Out }},
		{name + "/" + protocol.LogDir, 0, func(d protocol.Detail) uint64 { return d.In }},
	}
	for _, held := range []func(pipeEnd) ([2]int, bool){sc.heldBySupervise, sc.heldByInstance, sc.heldByMarked} {
		for _, end := range ends {
			if pipe, found = held(end); !found {
				continue
			}
			if !isStandard(pipe) {
				return pipe, true
			}
			unix.Close(pipe[0])
			unix.Close(pipe[1])
		}
	}
	return pipe, false
}

// isStandard reports whether a pipe is one of the three descriptors that we were
// given: that is what a service has which had no log when it was started, and so
// do others.
func isStandard(pipe [2]int) bool {
	inode := pipeInode(pipe[0])
	return inode == pipeInode(0) || inode == pipeInode(1) || inode == pipeInode(2)
}

// heldBySupervise looks for a pipe in a supervise that is left, which may not
// have written down anything yet.
func (sc *scanner) heldBySupervise(end pipeEnd) (pipe [2]int, found bool) {
	left := sc.supervises[identityOf(end.dir)]
	if left.pid == 0 {
		return pipe, false
	}
	file := "/proc/" + strconv.Itoa(left.pid) + "/fd/" + strconv.Itoa(end.fd)
	if what, _ := os.Readlink(file); !strings.HasPrefix(what, "pipe:") {
		return pipe, false
	}
	pipe, err := openPipe(file)
	return pipe, err == nil
}

// heldByInstance looks for a pipe in the instance that was written down, and in
// keepers.
func (sc *scanner) heldByInstance(end pipeEnd) (pipe [2]int, found bool) {
	detail, inode := sc.leftDetail(end)
	if inode == 0 {
		return pipe, false
	}
	holders := sc.keepers
	if process, ok := protocol.ReadProcess(detail.Pid); ok && process.Start == detail.Start {
		holders = append([]int{detail.Pid}, holders...)
	}
	for _, pid := range holders {
		if pipe, found = pipeOf(pid, inode); found {
			return pipe, true
		}
	}
	return pipe, false
}

// heldByMarked looks for a pipe in an instance that was forked too late to be
// written down, as the pipe was before the first of them.
func (sc *scanner) heldByMarked(end pipeEnd) (pipe [2]int, found bool) {
	detail, inode := sc.leftDetail(end)
	if inode == 0 || detail.Done {
		return pipe, false
	}
	left := sc.loop.markedProcesses().instances[identityOf(end.dir)]
	if left.pid == 0 {
		return pipe, false
	}
	return pipeOf(left.pid, inode)
}

// leftDetail returns the detail, and the inode of the pipe in it; 0 if it is
// none of ours, but of another directory, say, of which this one is a copy.
func (sc *scanner) leftDetail(end pipeEnd) (detail protocol.Detail, inode uint64) {
	detail, err := protocol.ReadDetail(end.dir)
	if err != nil || detail.Boot != sc.loop.boot || detail.Namespace != sc.loop.namespace || detail.Inode != identityOf(end.dir).ino {
		return detail, 0
	}
	return detail, end.inode(detail)
}

// pipeOf opens both ends of a pipe that a process has open.
func pipeOf(pid int, inode uint64) (pipe [2]int, found bool) {
	link := "pipe:[" + strconv.FormatUint(inode, 10) + "]"
	files, _ := filepath.Glob("/proc/" + strconv.Itoa(pid) + "/fd/*")
	for _, file := range files {
		// The link alone: what other files are on need not answer.
		if to, _ := os.Readlink(file); to != link {
			continue
		}
		if pipe, err := openPipe(file); err == nil {
			return pipe, true
		}
	}
	return pipe, false
}

// openPipe opens both ends of the pipe of a link in /proc.
func openPipe(file string) (pipe [2]int, err error) {
	// To open one end waits for somebody to open the other one.
	both, err := unix.Open(file, unix.O_RDWR|unix.O_CLOEXEC, 0)
	if err != nil {
		return pipe, err
	}
	defer unix.Close(both)
	if pipe[0], err = unix.Open(file, unix.O_RDONLY|unix.O_CLOEXEC, 0); err != nil {
		return pipe, err
	}
	if pipe[1], err = unix.Open(file, unix.O_WRONLY|unix.O_CLOEXEC, 0); err != nil {
		unix.Close(pipe[0])
	}
	return pipe, err
}
