package supervisor

import (
	"os"
	"strconv"
)

// seekVariable tells a supervise under svscan to look at all processes for an
// instance of which no detail tells.
const seekVariable = "SYN3D_SEEK"

// Supervise keeps the service in the directory name running until it is told
// to exit, by command or by TERM, INT or QUIT; then the service is down. An
// error says that it could not begin.
func Supervise(name string) error {
	seeking := os.Getenv(seekVariable) != "" // see isLost
	os.Unsetenv(seekVariable)
	l, err := newLoop()
	if err != nil {
		return err
	}
	l.seeksLost = seeking || !isSvscan(os.Getppid())
	s, err := newService(l, l.tables.all[0], name, 0, 1, l.end)
	if err != nil {
		l.flush()
		return err
	}
	// Who looks for the supervisor of a directory looks at working directories.
	if err := s.dir.enter(); err != nil {
		return err
	}
	s.begin()
	l.run(answers{end: s.shutdown})
	return nil
}

func isSvscan(pid int) bool {
	comm, _ := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/comm")
	return string(comm) == "svscan\n"
}
