package multilog

import (
	"syscall"

	"syn3d/protocol"

	"golang.org/x/sys/unix"
)

// process makes an old log of what the processor makes of previous.
//
// If the processor fails when TERM has come, previous itself becomes an old
// log, as after a crash: the original would try for ever.
func (d *logDir) process() {
	if !d.runProcessor() {
		unix.Unlinkat(d.fd, processedFile, 0)
		unix.Unlinkat(d.fd, newStateFile, 0)
		d.finish(previousFile, unsafeCode)
		return
	}
	d.secure(processedFile, modeSafe)
	d.secure(newStateFile, 0)
	d.insist("unable to remove DIR/previous", func() error { return unix.Unlinkat(d.fd, previousFile, 0) })
	d.insist("unable to rename newstate to state in directory DIR", func() error {
		return unix.Renameat(d.fd, newStateFile, d.fd, stateFile)
	})
	d.finish(processedFile, safeCode)
}

// secure brings a file to disk, and then sets its mode, unless that is 0.
func (d *logDir) secure(file string, mode uint32) {
	var fd int
	d.insist("unable to create DIR/"+file, func() (err error) {
		fd, err = unix.Openat(d.fd, file, appendTo, 0o600)
		return err
	})
	defer unix.Close(fd)
	d.insist("unable to write DIR/"+file+" to disk", func() error { return unix.Fsync(fd) })
	if mode != 0 {
		d.insist("unable to set mode of DIR/"+file, func() error { return unix.Fchmod(fd, mode) })
	}
}

// runProcessor runs the processor until it succeeds. It reports false if it
// has failed and TERM has come.
func (d *logDir) runProcessor() bool {
	for {
		what, err := d.tryProcessor()
		if what == "" {
			return true
		}
		d.warn(what, err)
		if !d.signals.term.Load() {
			d.signals.pause()
		}
		if d.signals.term.Load() {
			return false
		}
	}
}

// tryProcessor runs the processor once. It returns what has failed, and why if
// there is more to say.
func (d *logDir) tryProcessor() (what string, err error) {
	if err := unix.Fchdir(d.fd); err != nil {
		return "unable to switch to DIR", err
	}
	pid, err := d.startProcessor()
	if err == unix.EAGAIN || err == unix.ENOMEM {
		return "unable to fork for processor in DIR", err
	}
	if err != nil { // the original's child says so, and fails
		say("fatal", "unable to run "+*d.processor+": "+protocol.ErrorText(err))
		return "processor failed in DIR", nil
	}
	status, err := await(pid)
	switch {
	case err != nil:
		return "wait failed for processor in DIR", err
	case status.Signaled():
		return "processor crashed in DIR", nil
	case status.ExitStatus() != 0:
		return "processor failed in DIR", nil
	}
	return "", nil
}

// startProcessor starts the processor with its four files. The state may be
// missing where there has been no processor before.
func (d *logDir) startProcessor() (pid int, err error) {
	files := [...]struct {
		name  string
		flags int
		as    int // the processor's descriptor
	}{
		{previousFile, unix.O_RDONLY | unix.O_NONBLOCK | unix.O_CLOEXEC, 0},
		{processedFile, truncate, 1},
		{stateFile, unix.O_RDONLY | unix.O_CREAT | unix.O_NONBLOCK | unix.O_CLOEXEC, 4},
		{newStateFile, truncate, 5},
	}
	descriptors := []uintptr{2: stderr, 3: inherited(3), 5: 0}
	for _, file := range files {
		fd, err := unix.Openat(d.fd, file.name, file.flags, modeUnsafe)
		if err != nil {
			return 0, err
		}
		defer unix.Close(fd)
		descriptors[file.as] = uintptr(fd)
	}
	return syscall.ForkExec("/bin/sh", []string{"sh", "-c", *d.processor},
		&syscall.ProcAttr{Env: syscall.Environ(), Files: descriptors})
}

// inherited returns fd if whoever started us meant it for the processor, too,
// and else what stands for a closed descriptor.
func inherited(fd uintptr) uintptr {
	const closed = ^uintptr(0)
	if flags, err := unix.FcntlInt(fd, unix.F_GETFD, 0); err != nil || flags&unix.FD_CLOEXEC != 0 {
		return closed
	}
	return fd
}

// await waits until a process has ended.
func await(pid int) (status unix.WaitStatus, err error) {
	for {
		_, err := unix.Wait4(pid, &status, 0, nil)
		if err != unix.EINTR {
			return status, err
		}
	}
}
