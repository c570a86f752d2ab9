// The runtime would keep files of cgroups open, to learn what share of the
// processors it may use, and to watch for changes of that. But the programs
// that tools become are to find the lowest descriptors free; and nothing here
// computes for long enough to exceed its share.
//
//go:debug containermaxprocs=0
//go:debug updatemaxprocs=0

// Syn3d keeps Unix services running: daemontools and the Syn-3 service
// commands in one program. Called under the name of an applet, or with it as
// its first argument, it is that applet.
package main

import (
	"os"

	"syn3d/applets"
	_ "syn3d/applets/early" // carries out most applets, and then main is never called
	"syn3d/applets/frontend"
)

const version = "0.1.0"

func main() {
	os.Exit(run(os.Args))
}

// run carries out what is left to it: front ends, and syn3d itself.
func run(argv []string) int {
	applet, args := applets.Called(argv)
	if applet == nil {
		return applets.Report(os.Stderr, "syn3d", umbrella(argv))
	}
	return applets.Report(os.Stderr, applet.Name, frontend.Find(applet.Name)(args))
}
