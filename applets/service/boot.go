package service

import (
	"errors"
	"os"

	"syn3d/protocol"

	"golang.org/x/sys/unix"
)

// Enable has the service in dir started at boot: it removes the file down, so
// that not even a crash of the system brings it back.
func Enable(dir string) error {
	file := dir + "/" + protocol.DownFile
	var st unix.Stat_t
	err := unix.Lstat(file, &st) // a read-only file system needs no change
	if err == nil {
		err = unix.Unlink(file)
	}
	if err != nil && err != unix.ENOENT {
		return &protocol.Error{What: "unable to remove " + Show(file), Err: err}
	}
	return syncDir(dir)
}

// Disable has the service in dir not started at boot: it makes the file down,
// so that not even a crash of the system removes it.
func Disable(dir string) error {
	// Whatever it is, if it is there, that is what counts.
	if down, _ := protocol.NormallyDown(dir); down {
		return syncDir(dir)
	}
	path := dir + "/" + protocol.DownFile
	unix.Unlink(path) // a link to nowhere, which is not to say where a file is made
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return &protocol.Error{What: "unable to create " + Show(path), Err: err}
	}
	defer file.Close()
	if err := file.Sync(); err != nil && !errors.Is(err, unix.EINVAL) {
		return &protocol.Error{What: "unable to sync " + Show(path), Err: err}
	}
	return syncDir(dir)
}

// syncDir makes the names in dir durable.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err == nil {
		defer d.Close()
		err = d.Sync()
	}
	// A file system that cannot do it at all has no disk to lose it on.
	if err != nil && !errors.Is(err, unix.EINVAL) {
		return &protocol.Error{What: "unable to sync " + Show(dir), Err: err}
	}
	return nil
}
