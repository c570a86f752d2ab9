package multilog

import (
	"encoding/binary"
	"os"
	"os/signal"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"
)

// shortly is for how many milliseconds to wait without telling the scheduler;
// see rawPoll. More input comes within that time, or it is not much.
const shortly = 5

// retryAfter is how long to wait before trying once more what has failed.
const retryAfter = 5 * time.Second

// signals are those that have come. Each ends a wait at once: unlike the
// original, that hears them only while it reads.
type signals struct {
	term  atomic.Bool // the input is to end with the line at hand
	alarm atomic.Bool // new files are to be begun
	event int         // an eventfd, readable when a signal has come

	// One waiting stands for any number.
	terms, alarms chan os.Signal
}

// catchAlarm catches ALRM, which otherwise would kill the process. So would
// XFSZ, when a file may not grow; the error of the write says enough.
func catchAlarm() (*signals, error) {
	event, err := unix.Eventfd(0, unix.EFD_CLOEXEC|unix.EFD_NONBLOCK)
	if err != nil {
		return nil, err
	}
	s := &signals{event: event, terms: make(chan os.Signal, 1), alarms: make(chan os.Signal, 1)}
	signal.Notify(s.alarms, unix.SIGALRM)
	signal.Notify(make(chan os.Signal, 1), unix.SIGXFSZ)
	go s.pass() // until the process ends
	return s, nil
}

// catchTerm catches TERM, which has been deadly so far.
func (s *signals) catchTerm() { signal.Notify(s.terms, unix.SIGTERM) }

// pass notes signals and makes them readable: a goroutine in a system call
// would not see a channel.
func (s *signals) pass() {
	one := binary.NativeEndian.AppendUint64(nil, 1)
	for {
		select {
		case <-s.terms:
			s.term.Store(true)
		case <-s.alarms:
			s.alarm.Store(true)
		}
		unix.Write(s.event, one)
	}
}

// pause waits before something is tried once more, or for the next signal.
func (s *signals) pause() {
	for end := time.Now().Add(retryAfter); ; {
		left := time.Until(end)
		if left <= 0 {
			return
		}
		if _, came := s.wait(-1, int(left/time.Millisecond)+1); came {
			return
		}
	}
}

// wait waits until fd, if it is not -1, can be read, until a signal comes, or
// for milliseconds if they are not negative. It may return for no reason.
func (s *signals) wait(fd int, milliseconds int) (readable, came bool) {
	fds := [...]unix.PollFd{
		{Fd: int32(fd), Events: unix.POLLIN},
		{Fd: int32(s.event), Events: unix.POLLIN},
	}
	n, err := rawPoll(fds[:], shortly)
	if err == nil && n == 0 {
		_, err = unix.Poll(fds[:], milliseconds)
	}
	if err != nil {
		return false, false
	}
	if fds[1].Revents != 0 {
		var count [8]byte
		unix.Read(s.event, count[:])
		came = true
	}
	return fds[0].Revents != 0, came
}
