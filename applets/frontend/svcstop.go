package frontend

import (
	"fmt"
	"time"

	"syn3d/protocol"
)

func svcstop(args []string) error {
	return frontEnd("svcstop", args, func(dirs []string, limit time.Duration) bool {
		return len(stopAll("svcstop", dirs, limit)) == len(dirs)
	})
}

// stopAll stops services on behalf of the command name and returns those that
// are down.
func stopAll(name string, dirs []string, limit time.Duration) []string {
	return carryOut(name, "Stopping", dirs, func(dir string) error { return stop(dir, limit) })
}

// stop stops a service and waits until it has gone.
func stop(dir string, limit time.Duration) error {
	watcher := protocol.Watch(dir)
	defer watcher.Close()

	deadline := time.Now().Add(limit)
	if err := protocol.Send(dir, []byte{byte(protocol.Down)}); err != nil {
		return err
	}
	for {
		if err := supervised(dir); err != nil {
			return err
		}
		status, err := protocol.ReadStatus(dir)
		if err != nil {
			return fmt.Errorf("%s: %w", dir, err)
		}
		if !status.Up() && status.Want == protocol.WantDown {
			return nil
		}
		if !time.Now().Before(deadline) {
			return stillUp(dir, status, limit)
		}
		watcher.Wait(deadline)
	}
}

func stillUp(dir string, status protocol.Status, limit time.Duration) error {
	seconds := int(limit.Seconds())
	if !status.Up() {
		return fmt.Errorf("%s: the supervisor has not answered in %d seconds", dir, seconds)
	}
	return fmt.Errorf("%s still runs (pid %d) after %d seconds", dir, status.Pid, seconds)
}
