package supervisor

import (
	"os"
	"path/filepath"
	"strconv"

	"syn3d/protocol"

	"golang.org/x/sys/unix"
)

// findPipe finds the pipe between the service name and its log that a
// supervisor has left when it died: one of the two processes may still have
// it, or one of keepers. There may be something in it, and later instances are
// to have the same as those that run.
func (l *loop) findPipe(name string, keepers []int) (pipe [2]int, found bool) {
	for _, end := range []struct {
		dir   string
		inode func(protocol.Detail) uint64
	}{
		{name, func(d protocol.Detail) uint64 { return d.Out }},
		{name + "/" + protocol.LogDir, func(d protocol.Detail) uint64 { return d.In }},
	} {
		detail, err := protocol.ReadDetail(end.dir)
		if err != nil || end.inode(detail) == 0 {
			continue
		}
		if detail.Boot != l.boot || detail.Namespace != l.namespace || detail.Inode != identityOf(end.dir).ino {
			continue // of another directory, of which this one is a copy, say
		}
		holders := keepers
		if process, ok := protocol.ReadProcess(detail.Pid); ok && process.Start == detail.Start {
			holders = append([]int{detail.Pid}, keepers...)
		}
		for _, pid := range holders {
			if pipe, found = pipeOf(pid, end.inode(detail)); found {
				return pipe, true
			}
		}
	}
	return pipe, false
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
