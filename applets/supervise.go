package applets

import (
	"syn3d/applets/inherited"
	"syn3d/supervisor"
)

func supervise(args []string) error {
	if len(args) != 1 {
		return Usage("supervise: usage: supervise dir")
	}
	nameProcess("supervise")
	inherited.Ignore()
	return supervisor.Supervise(args[0])
}
