package service

import (
	"context"
	"fmt"
	"time"

	"syn3d/protocol"

	"golang.org/x/sys/unix"
)

// watchStart has the supervisor start the service, and watches it until it has
// been up, with one process, for as long as is asked for. One that has not is
// taken down again.
func (s *starter) watchStart(ctx context.Context) error {
	watcher := protocol.Watch(s.dir)
	defer context.AfterFunc(ctx, watcher.Close)() // which ends Wait
	defer watcher.Close()

	w, err := s.commandStart()
	if err != nil {
		return err
	}
	for ctx.Err() == nil {
		ok, wake, err := w.look(time.Now())
		if ok {
			return nil
		}
		if err != nil {
			s.takeDown()
			return err
		}
		watcher.Wait(wake)
	}
	return ctx.Err()
}

// commandStart sends the command to start the service, and returns a watch that
// knows how the service was before.
func (s *starter) commandStart() (*startWatch, error) {
	awaitRead(s.dir, settleMoment)
	before, _ := protocol.ReadStatus(s.dir)
	history, _ := protocol.ReadDetail(s.dir)
	w := &startWatch{
		dir: s.dir, limit: s.options.Limit, watch: s.watch, began: time.Now(),
		since: before.Since, restarts: history.Restarts,
	}
	if before.Want == protocol.WantDown {
		w.leaving = before.Pid
	}
	command := protocol.Up
	if s.options.Once {
		command = protocol.Once
	}
	return w, protocol.Send(s.dir, []byte{byte(command)})
}

// awaitRead gives the supervisor of dir a moment to read what others have told
// it: else a service that was told to go down just now would be taken for one
// that has run for long.
func awaitRead(dir string, limit time.Duration) {
	fd, err := unix.Open(protocol.StatePath(dir, protocol.ControlFile), unix.O_WRONLY|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
	if err != nil {
		return // which whoever sends the next command will be told
	}
	defer unix.Close(fd)
	const interval = time.Millisecond
	for deadline := time.Now().Add(limit); time.Now().Before(deadline); time.Sleep(interval) {
		if unread, err := unix.IoctlGetInt(fd, unix.TIOCINQ); err != nil || unread == 0 {
			return
		}
	}
}

// A startWatch follows a service from the command to start it.
type startWatch struct {
	dir      string
	began    time.Time
	limit    time.Duration  // for coming up
	watch    time.Duration  // for which it has to stay up
	leaving  uint32         // the process that was on its way down before
	since    protocol.Label // when it last came up or went down, before
	restarts int            // of the supervisor's own accord, before

	pid    uint32    // of the instance watched, 0 if none has been seen
	steady time.Time // when it will have run long enough
}

// look reports whether the service has run long enough, or when to look
// again, or why it will not do.
func (w *startWatch) look(now time.Time) (ok bool, wake time.Time, err error) {
	if err := supervised(w.dir); err != nil {
		return false, wake, err
	}
	status, err := readStatus(w.dir)
	if err != nil {
		return false, wake, err
	}
	if w.hasDied(status) {
		return false, wake, w.died()
	}
	if status.Up() && status.Pid != w.pid {
		w.steady = w.steadyAt(status, now)
	}
	w.pid = status.Pid
	// The limit is for coming up. What has come up in time is watched to the
	// end, be it after the limit.
	if status.Up() {
		return !now.Before(w.steady), w.steady, nil
	}
	wake = w.began.Add(w.limit)
	if !now.Before(wake) {
		return false, wake, fmt.Errorf("%s is not up after %s", Show(w.dir), seconds(w.limit))
	}
	return false, wake, nil
}

// steadyAt returns when an instance that is seen now for the first time will
// have run long enough. How long it has been up already counts, unless it was
// ending.
func (w *startWatch) steadyAt(status protocol.Status, now time.Time) time.Time {
	steady := status.Since.Time().Add(w.watch)
	if latest := now.Add(w.watch); status.Pid == w.leaving || steady.After(latest) {
		return latest // or the clock was set back
	}
	return steady
}

// hasDied reports whether an instance has ended that was not ending before,
// be it one that came and went unseen.
func (w *startWatch) hasDied(status protocol.Status) bool {
	if w.pid != 0 && w.pid != w.leaving {
		return status.Pid != w.pid
	}
	if status.Up() || status.Since == w.since {
		return false
	}
	if w.leaving != 0 {
		w.leaving, w.since = 0, status.Since
		return false
	}
	return true
}

// died says how the instance ended, and how often that was so before.
func (w *startWatch) died() error {
	how := "its process has ended" // a supervisor that is not ours does not tell more
	if detail, err := protocol.ReadDetail(w.dir); err == nil && detail.Exited.After(w.began) {
		how = detail.LastExit.String()
	}
	if w.restarts > 0 {
		how += fmt.Sprintf(", after %d restarts", w.restarts)
	}
	return fmt.Errorf("%s does not stay up: %s", Show(w.dir), how)
}
