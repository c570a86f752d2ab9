package applets

import (
	"syn3d/applets/inherited"
	logger "syn3d/applets/multilog"
)

func multilog(args []string) error {
	nameProcess("multilog")
	inherited.RestoreUnused()
	return logger.Run(args)
}
