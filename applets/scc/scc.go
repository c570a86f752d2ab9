// Package scc becomes the control centre, which is a program of its own.
//
// A Go program initialises all packages that it is linked of before main
// begins, and a web server's are many: they would make svok slower by a sixth
// and softlimit twice as big. So the control centre is built first, and syn3d
// has it as data that nobody reads before it is asked for:
//
//	syn3d scc ── Run ──► memory file ── exec ──► package program ──► web, agent
package scc

import (
	"embed"
	"errors"
	"io"
	"io/fs"
	"os"
	"strconv"
	"syscall"

	"syn3d/protocol"

	"golang.org/x/sys/unix"
)

//go:embed embedded
var embedded embed.FS

// Run executes the control centre with arguments. It returns only if it fails.
func Run(args []string) error {
	file, err := extract()
	if err != nil {
		return &protocol.Error{What: "unable to extract the control centre", Err: err}
	}
	defer file.Close()
	path := "/proc/self/fd/" + strconv.Itoa(int(file.Fd()))
	err = syscall.Exec(path, append([]string{"scc"}, args...), os.Environ())
	return &protocol.Error{What: "unable to run the control centre", Err: err}
}

var errNotBuilt = errors.New("this syn3d was built without it, use make")

// extract returns a file that holds the program and is in memory only: there may
// be no directory in which to put one that can be executed.
func extract() (*os.File, error) {
	program, err := embedded.Open("embedded/scc")
	if errors.Is(err, fs.ErrNotExist) {
		return nil, errNotBuilt
	}
	if err != nil {
		return nil, err
	}
	defer program.Close()
	fd, err := memoryFile()
	if err != nil {
		return nil, err
	}
	file := os.NewFile(uintptr(fd), "scc")
	if _, err := io.Copy(file, program); err != nil {
		file.Close()
		return nil, err
	}
	return file, nil
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
