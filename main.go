// Syn3d keeps Unix services running: daemontools and the Syn-3 service
// commands in one program. Called under the name of an applet, or with it as
// its first argument, it is that applet.
package main

import (
	"os"
	"path"

	"syn3d/applets"
)

const version = "0.1.0"

func main() {
	os.Exit(run(os.Args))
}

// run finds the applet without help of the flag parser: the classic tools
// have rules of their own, and most of them must start fast.
func run(args []string) int {
	if len(args) > 0 {
		if applet := applets.Find(path.Base(args[0])); applet != nil {
			return applets.Report(os.Stderr, applet.Name, applet.Run(args[1:]))
		}
	}
	if len(args) > 1 {
		if applet := applets.Find(args[1]); applet != nil {
			return applets.Report(os.Stderr, applet.Name, applet.Run(args[2:]))
		}
	}
	return applets.Report(os.Stderr, "syn3d", applets.Umbrella(version, args))
}
