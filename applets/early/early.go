// Package early carries out an applet while the program is still being
// initialised, and ends the process. Importing it is all there is to do.
//
// A Go program initialises every package that is linked into it before main
// begins, used or not. For most applets that would be most of the time that
// they take: the flag parser of the front ends alone brings in templates,
// regular expressions and JSON. But the order of it is fixed: "Given the list
// of all packages, sorted by import path, in each step the first uninitialized
// package in the list for which all imported packages (if any) are already
// initialized is initialized" (The Go Programming Language Specification,
// Program initialization). The front ends import text/template, which sorts
// after syn3d/applets/early. So as long as this package imports neither, all that it
// needs is initialised when its turn comes, and the flag parser is not.
package early

import (
	"os"

	"syn3d/applets"
)

// This goroutine is locked to the process's first thread until everything is
// initialised. That suits what is over soon, for which another thread would be
// work, and the tools that become another program: they set what counts for a
// thread alone, and others see and signal the first one. Daemons get a goroutine
// of their own: whatever switches between goroutines, as supervisors do, would
// have to switch between threads.
func init() {
	applet, args := applets.Called(os.Args)
	if applet == nil {
		return
	}
	run := applet.Early(args)
	if run == nil {
		return
	}
	end := func() { os.Exit(applets.Report(os.Stderr, applet.Name, run(args))) }
	if !applet.Stays() {
		end()
	}
	go end()
	select {} // until that ends the process
}
