package service

import (
	"context"
	"errors"
	"io"
	"os"
	"syscall"
	"time"

	"syn3d/protocol"

	"golang.org/x/sys/unix"
)

// scriptGrace is how long a control script that is to end may take for it.
const scriptGrace = 5 * time.Second

// A script is a control script, start or stop, of a service directory. It runs
// in a process group of its own, so that it can be ended with all that it has
// started, and with the marker of the service.
type script struct {
	dir    string
	name   string                           // of the file
	reason string                           // why it runs, for itself
	output func(path string) io.WriteCloser // see Options.Script
}

// find reports whether there is such a script. It is an error if it is there
// but cannot be run, be it for want of permission: it is not passed over.
func (s *script) find() (bool, error) {
	if _, err := os.Lstat(s.path()); errors.Is(err, os.ErrNotExist) {
		return false, nil
	}
	return true, checkRunnable(s.path())
}

func (s *script) path() string { return s.dir + "/" + s.name }

// run runs the script to its end. Whoever it leaves behind in the background
// is not waited for, be it that they hold its output. The error is that of ctx
// if that ended it.
func (s *script) run(ctx context.Context) (protocol.ExitStatus, error) {
	read, write, err := os.Pipe()
	if err != nil {
		return protocol.ExitStatus{}, &protocol.Error{What: "unable to create pipe", Err: err}
	}
	defer read.Close()
	process, err := s.start(write)
	write.Close()
	if err != nil {
		return protocol.ExitStatus{}, &protocol.Error{What: "unable to start " + Show(s.path()), Err: err}
	}
	output := s.output(s.path())
	defer output.Close()
	copied := make(chan struct{})
	go func() { io.Copy(output, read); close(copied) }() // until run sets the deadline

	exit, err := s.await(ctx, process)
	read.SetReadDeadline(time.Now())
	<-copied
	drain(output, read)
	return exit, err
}

func (s *script) start(output *os.File) (*os.Process, error) {
	null, err := os.Open(os.DevNull)
	if err != nil {
		return nil, err
	}
	defer null.Close()
	file := "./" + s.name
	return os.StartProcess(file, []string{file}, &os.ProcAttr{
		Dir: s.dir,
		Env: append(withoutMarker(os.Environ()),
			protocol.MarkerVariable+"="+openDirectory(s.dir).abs,
			protocol.ReasonVariable+"="+s.reason),
		Files: []*os.File{null, output, output},
		Sys:   &syscall.SysProcAttr{Setpgid: true},
	})
}

// await waits for the end of the script, and ends it and its children if ctx
// is done.
func (s *script) await(ctx context.Context, process *os.Process) (protocol.ExitStatus, error) {
	ended := make(chan protocol.ExitStatus, 1)
	go func() {
		state, err := process.Wait()
		if err != nil { // there is no such child
			ended <- protocol.ExitStatus{Code: -1}
			return
		}
		ended <- protocol.ExitStatusOf(unix.WaitStatus(state.Sys().(syscall.WaitStatus)))
	}()
	select {
	case exit := <-ended:
		return exit, nil
	case <-ctx.Done():
	}
	unix.Kill(-process.Pid, unix.SIGTERM)
	unix.Kill(-process.Pid, unix.SIGCONT)
	select {
	case exit := <-ended:
		// Its children, too, and at once: nobody else has the number of
		// their group as long as there are any.
		unix.Kill(-process.Pid, unix.SIGKILL)
		return exit, ctx.Err()
	case <-time.After(scriptGrace):
	}
	unix.Kill(-process.Pid, unix.SIGKILL)
	return <-ended, ctx.Err()
}

// drain copies what waits in a pipe to w, and does not wait for more.
func drain(w io.Writer, pipe *os.File) {
	conn, err := pipe.SyscallConn()
	if err != nil {
		return
	}
	conn.Control(func(fd uintptr) {
		size, err := unix.IoctlGetInt(int(fd), unix.TIOCINQ)
		if err != nil || size <= 0 {
			return
		}
		rest := make([]byte, size)
		if n, _ := unix.Read(int(fd), rest); n > 0 {
			w.Write(rest[:n])
		}
	})
}
