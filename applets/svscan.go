package applets

import (
	"os"

	"syn3d/applets/inherited"
	"syn3d/supervisor"
)

func svscan(args []string) error {
	forked := len(args) > 0 && args[0] == "-p"
	if forked {
		args = args[1:]
	}
	dir := "."
	if len(args) > 0 {
		dir = args[0]
	}
	nameProcess("svscan")
	inherited.Ignore()
	return supervisor.Scan(dir, forked)
}

// nameProcess makes name the one by which ps, pgrep and killall know this
// process, also if it was started under another. Those look at the name of
// the process's first thread, which this need not be.
func nameProcess(name string) {
	os.WriteFile("/proc/self/comm", []byte(name), 0)
}
