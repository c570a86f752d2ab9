package frontend

import (
	"fmt"
	"time"

	"syn3d/protocol"

	"golang.org/x/sys/unix"
)

// startWatch is how long a service must have run to be taken for running
// properly.
const startWatch = 2 * time.Second

// supervisorLimit is how long svcstart waits for a supervisor to appear.
const supervisorLimit = 3 * time.Second

func svcstart(args []string) error {
	return frontEnd("svcstart", args, func(dirs []string, limit time.Duration) bool {
		return len(startAll("svcstart", dirs, limit)) == len(dirs)
	})
}

// startAll starts services on behalf of the command name and returns those
// that run properly.
func startAll(name string, dirs []string, limit time.Duration) []string {
	return carryOut(name, "Starting", dirs, func(dir string) error { return start(dir, limit) })
}

// start starts a service and watches it for a moment. One that ends in it is
// taken down again.
func start(dir string, limit time.Duration) error {
	run := dir + "/" + protocol.RunFile
	if err := unix.Access(run, unix.X_OK); err != nil {
		return &protocol.Error{What: "unable to start " + run, Err: err}
	}
	awaitSupervisor(dir, min(supervisorLimit, limit))
	watcher := protocol.Watch(dir)
	defer watcher.Close()

	before, _ := protocol.ReadStatus(dir)
	if err := protocol.Send(dir, []byte{byte(protocol.Up)}); err != nil {
		return err
	}
	w := startWatcher{dir: dir, limit: limit, began: time.Now(), watch: min(startWatch, limit)}
	if before.Want == protocol.WantDown {
		w.leaving = before.Pid
	}
	for {
		ok, wake, err := w.look(time.Now())
		if ok {
			return nil
		}
		if err != nil {
			protocol.Send(dir, []byte{byte(protocol.Down)})
			return err
		}
		watcher.Wait(wake)
	}
}

// awaitSupervisor gives svscan the time to notice a service directory that has
// just come, and to see that nothing more is being made in it. There may not be
// anything yet that could tell of the supervisor, so it looks.
func awaitSupervisor(dir string, limit time.Duration) {
	deadline := time.Now().Add(limit)
	for protocol.Supervised(dir) != nil && time.Now().Before(deadline) {
		time.Sleep(50 * time.Millisecond)
	}
}

// A startWatcher follows a service from the command to start it.
type startWatcher struct {
	dir     string
	began   time.Time
	limit   time.Duration // for coming up
	watch   time.Duration // for which it has to stay up
	leaving uint32        // the process that was on its way down before

	pid    uint32    // of the instance watched, 0 if none has been seen
	steady time.Time // when it will have run long enough
}

// look reports whether the service has run long enough, or when to look
// again, or why it will not do.
func (w *startWatcher) look(now time.Time) (ok bool, wake time.Time, err error) {
	if err := supervised(w.dir); err != nil {
		return false, wake, err
	}
	status, err := protocol.ReadStatus(w.dir)
	if err != nil {
		return false, wake, fmt.Errorf("%s: %w", w.dir, err)
	}
	switch {
	case w.pid != 0 && w.pid != w.leaving && status.Pid != w.pid:
		return false, wake, fmt.Errorf("%s does not stay up: pid %d has ended", w.dir, w.pid)
	case status.Up() && status.Pid != w.pid:
		w.steady = now.Add(w.watch)
		// How long it has been up already counts, unless it was ending.
		steady := status.Since.Time().Add(w.watch)
		if steady.Before(w.steady) && status.Pid != w.leaving {
			w.steady = steady
		}
	}
	w.pid = status.Pid
	if status.Up() && !now.Before(w.steady) {
		return true, wake, nil
	}
	// The limit is for coming up. What has come up in time is watched to the
	// end, be it after the limit.
	if status.Up() {
		return false, w.steady, nil
	}
	wake = w.began.Add(w.limit)
	if !now.Before(wake) {
		return false, wake, fmt.Errorf("%s is not up after %d seconds", w.dir, int(w.limit.Seconds()))
	}
	return false, wake, nil
}

// supervised returns an error if no supervisor serves dir.
func supervised(dir string) error {
	if protocol.Supervised(dir) != nil {
		return fmt.Errorf("%s: %w", dir, protocol.ErrNotRunning)
	}
	return nil
}
