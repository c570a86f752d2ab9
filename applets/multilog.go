package applets

import logger "syn3d/applets/multilog"

func multilog(args []string) error {
	nameProcess("multilog")
	return logger.Run(args)
}
