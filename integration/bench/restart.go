package main

import (
	"slices"
	"time"

	"golang.org/x/sys/unix"
)

const (
	samples = 40                   // of restarts, if there is time for so many
	limit   = time.Second          // for the samples of one kind
	breath  = 5 * time.Millisecond // before a sample, for the supervisor to come to rest
)

var restart = question{
	name: "restart",
	rows: []row{
		{what: "from kill -9 of a service to its new instance", unit: "ms", target: target{ratio: 1, services: anyNumber}},
		{what: "from svc -t to the new instance", unit: "ms", target: target{ratio: 1, services: anyNumber}},
	},
	ask: func(t *tree) ([]float64, error) {
		killed, err := t.reborn(service.kill)
		if err != nil {
			return nil, err
		}
		termed, err := t.reborn(service.term)
		return []float64{killed, termed}, err
	},
}

// reborn ends services that are due to be restarted at once, and returns how
// many milliseconds it took until their new instance ran, in the median.
func (t *tree) reborn(end func(service) error) (float64, error) {
	var took []float64
	for start := now(); len(took) < samples && now() < start+limit; {
		old := t.oldest()
		time.Sleep(breath)
		began := now()
		if err := end(old); err != nil {
			return 0, err
		}
		s, err := t.birth()
		if err != nil {
			return 0, err
		}
		took = append(took, milliseconds(s.born-began))
	}
	slices.Sort(took)
	return median(took), nil
}

// Some are deaf in the second after a start.
var command = question{
	name: "command",
	rows: []row{
		{what: "from svc -d just after a start to the end of the service", unit: "ms", target: target{ratio: 0.1, services: anyNumber}},
		{what: "... and on, through svc -u, to the new instance", unit: "ms"},
	},
	ask: func(t *tree) ([]float64, error) {
		if err := t.oldest().kill(); err != nil {
			return nil, err
		}
		if _, err := t.birth(); err != nil {
			return nil, err
		}
		began := now()
		ended, err := t.downAndUp(t.newest())
		if err != nil {
			return nil, err
		}
		s, err := t.birth()
		return []float64{milliseconds(ended - began), milliseconds(s.born - began)}, err
	},
}

// downAndUp takes a service down and commands it to come up again as soon as
// it has ended, which is the time it returns.
func (t *tree) downAndUp(s service) (ended time.Duration, err error) {
	dir, err := s.directory()
	if err != nil {
		return 0, err
	}
	pidfd, err := unix.PidfdOpen(s.pid, 0)
	if err != nil {
		return 0, err
	}
	defer unix.Close(pidfd)
	if err := send(dir, "d"); err != nil {
		return 0, err
	}
	end := []unix.PollFd{{Fd: int32(pidfd), Events: unix.POLLIN}}
	if _, err := unix.Poll(end, int(patience.Milliseconds())); err != nil {
		return 0, err
	}
	ended = now()
	return ended, send(dir, "u")
}
