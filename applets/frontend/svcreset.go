package frontend

import (
	"os"
	"time"

	"syn3d/applets"
	"syn3d/protocol"
)

func svcreset(args []string) error {
	return frontEnd("svcreset", args, func(dirs []string, limit time.Duration) bool {
		var up, down []string
		for _, dir := range dirs {
			normallyDown, err := protocol.NormallyDown(dir)
			if err != nil {
				applets.Report(os.Stderr, "svcreset", &protocol.Error{What: "unable to stat " + dir + "/" + protocol.DownFile, Err: err})
				continue
			}
			if normallyDown {
				down = append(down, dir)
			} else {
				up = append(up, dir)
			}
		}
		stopped := stopAll("svcreset", down, limit)
		started := startAll("svcreset", up, limit)
		return len(stopped)+len(started) == len(dirs)
	})
}
