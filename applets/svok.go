package applets

import (
	"syn3d/protocol"

	"golang.org/x/sys/unix"
)

func svok(args []string) error {
	if len(args) == 0 {
		return Usage("svok: usage: svok dir")
	}
	dir := protocol.Locate(args[0])
	err := protocol.Supervised(dir)
	if err == nil {
		return nil
	}
	if err := protocol.CheckDir(dir); err != nil {
		return &protocol.Error{What: "unable to chdir to " + args[0], Err: err}
	}
	if err == unix.ENOENT || err == unix.ENXIO {
		return Silently(codeUsage)
	}
	return &protocol.Error{What: "unable to open " + args[0] + "/" + protocol.OkFile, Err: err}
}
