package supervisor

import (
	"os"

	"golang.org/x/sys/unix"
)

// Supervise keeps the service in the directory name running until it is told
// to exit, by command or by TERM or INT; then the service is down. An error
// says that it could not begin.
func Supervise(name string) error {
	d, err := openDir(unix.AT_FDCWD, name, name)
	if err != nil {
		return err
	}
	// Who looks for the supervisor of a directory looks at working directories.
	if err := unix.Fchdir(d.fd); err != nil {
		return d.failed("unable to chdir to", "", err)
	}
	l, err := newLoop(unix.SIGTERM, unix.SIGINT)
	if err != nil {
		return err
	}
	s, err := newService(l, d, "", 0, 1, l.end)
	if err != nil {
		l.flush()
		return err
	}
	s.step()
	l.run(func(os.Signal) { s.stop() })
	return nil
}
