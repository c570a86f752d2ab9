package frontend

import (
	"fmt"
	"time"

	"syn3d/protocol"
)

func svcrestart(args []string) error {
	return frontEnd("svcrestart", args, func(dirs []string, limit time.Duration) bool {
		running := onlyRunning(dirs)
		stopped := stopAll("svcrestart", running, limit)
		return len(startAll("svcrestart", stopped, limit)) == len(running)
	})
}

// onlyRunning returns those of dirs that run, and says which do not.
func onlyRunning(dirs []string) (running []string) {
	for _, dir := range dirs {
		status, err := protocol.ReadStatus(dir)
		if err != nil || !status.Up() || protocol.Supervised(dir) != nil {
			fmt.Println("Not running", dir)
			continue
		}
		running = append(running, dir)
	}
	return running
}
