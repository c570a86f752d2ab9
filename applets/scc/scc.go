// Package scc becomes the control centre, which is a program of its own.
//
// A Go program initialises all packages that it is linked of before main
// begins, and a web server's are many: they would make svok slower by a sixth
// and softlimit twice as big. So the control centre is built first, and make
// puts it behind syn3d, in the same file, where it is not even mapped: what
// softlimit allows an applet of address space would have to have room for it.
//
//	syn3d │ scc │ size, mark        the file
//	         │
//	syn3d scc: Run ──► memory file ── exec ──► package program ──► web, agent
package scc

import (
	"errors"
	"io"
	"os"
	"strconv"
	"syscall"

	"syn3d/protocol"

	"golang.org/x/sys/unix"
)

// The last bytes of the file are the size of what is before them, in hexadecimal
// digits, and the mark.
const (
	mark   = "syn3dscc"
	digits = 8
)

// Run executes the control centre with arguments. It returns only if it fails.
func Run(args []string) error {
	file, err := extract("/proc/self/exe")
	if err != nil {
		return &protocol.Error{What: "unable to extract the control centre", Err: err}
	}
	defer file.Close()
	path := "/proc/self/fd/" + strconv.Itoa(int(file.Fd()))
	err = syscall.Exec(path, append([]string{"scc"}, args...), os.Environ())
	return &protocol.Error{What: "unable to run the control centre", Err: err}
}

var errNotBuilt = errors.New("this syn3d was built without it, use make")

// extract returns a file that holds what is behind a program, and is in memory
// only: there may be no directory in which to put one that can be executed.
func extract(program string) (*os.File, error) {
	file, err := os.Open(program)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	behind, err := find(file)
	if err != nil {
		return nil, err
	}
	fd, err := memoryFile()
	if err != nil {
		return nil, err
	}
	extracted := os.NewFile(uintptr(fd), "scc")
	if _, err := io.Copy(extracted, behind); err != nil {
		extracted.Close()
		return nil, err
	}
	return extracted, nil
}

// find returns what is behind a program.
func find(file *os.File) (*io.SectionReader, error) {
	info, err := file.Stat()
	if err != nil {
		return nil, err
	}
	end := info.Size() - digits - int64(len(mark))
	var last [digits + len(mark)]byte
	if _, err := file.ReadAt(last[:], max(end, 0)); err != nil || string(last[digits:]) != mark {
		return nil, errNotBuilt
	}
	size, err := strconv.ParseInt(string(last[:digits]), 16, 64)
	if err != nil || size > end {
		return nil, errNotBuilt
	}
	return io.NewSectionReader(file, end-size, size), nil
}

// memoryFile says that the file is to be executed, which kernels may insist on,
// and those before 6.3 do not understand.
func memoryFile() (int, error) {
	fd, err := unix.MemfdCreate("scc", unix.MFD_CLOEXEC|unix.MFD_EXEC)
	if err == unix.EINVAL {
		fd, err = unix.MemfdCreate("scc", unix.MFD_CLOEXEC)
	}
	return fd, err
}
