package main

import (
	"os"
	"strconv"
	"time"

	"golang.org/x/sys/unix"
)

// A service is one instance of a service.
type service struct {
	pid  int
	born time.Duration // by the monotonic clock
}

// A record is what the service program writes when it starts.
type record struct{ Pid, Seconds, Nanoseconds uint64 }

func (r record) service() service {
	return service{int(r.Pid), time.Duration(r.Seconds*1e9 + r.Nanoseconds)}
}

// now returns the time of the clock that services tell.
func now() time.Duration {
	var ts unix.Timespec
	unix.ClockGettime(unix.CLOCK_MONOTONIC, &ts)
	return time.Duration(ts.Nano())
}

// plant makes a scan directory dir of n services that run program.
func plant(dir, program string, n int) error {
	if err := os.Mkdir(dir, 0o755); err != nil {
		return err
	}
	for i := range n {
		service := dir + "/" + strconv.Itoa(i)
		if err := os.Mkdir(service, 0o755); err != nil {
			return err
		}
		if err := os.Link(program, service+"/run"); err != nil {
			return err
		}
	}
	return nil
}

// directory returns the service directory of a service.
func (s service) directory() (string, error) {
	return os.Readlink("/proc/" + strconv.Itoa(s.pid) + "/cwd")
}

// send writes a command to the supervisor of a service directory.
func send(dir, command string) error {
	control, err := os.OpenFile(dir+"/supervise/control", os.O_WRONLY|unix.O_NONBLOCK, 0)
	if err != nil {
		return err
	}
	defer control.Close()
	_, err = control.WriteString(command)
	return err
}

func (s service) kill() error { return unix.Kill(s.pid, unix.SIGKILL) }

func (s service) term() error {
	dir, err := s.directory()
	if err != nil {
		return err
	}
	return send(dir, "t")
}
