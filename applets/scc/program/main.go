// Scc is the control centre, a program of its own: it needs an HTTP server,
// which the other applets must not pay for. syn3d has it inside and executes it.
//
//	scc ──► agent ◄── calls ── web ◄── browsers
//	        (root)             (here, or a process of another user: --user)
package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime/debug"
)

// The exit codes of daemontools.
const (
	codeUsage = 100 // the caller's fault
	codeFatal = 111 // the system's fault
)

// misuse is an error of whoever has called us.
type misuse struct{ error }

func main() {
	prepare()
	if len(os.Args) == 2 && os.Args[0] == webName {
		os.Exit(report(serveApart(os.Args[1])))
	}
	os.Exit(report(run(os.Args)))
}

// prepare makes the process a small one, by the name that it is known by. It has
// a few hundred kilobytes to remember, and the collector would let garbage pile up
// to four megabytes; and as it was executed from a descriptor, the kernel has named
// it after that.
func prepare() {
	debug.SetGCPercent(50)
	os.WriteFile("/proc/self/comm", []byte(filepath.Base(os.Args[0])), 0)
}

func report(err error) (code int) {
	if err == nil {
		return 0
	}
	fmt.Fprintf(os.Stderr, "scc: fatal: %v\n", err)
	if errors.As(err, new(misuse)) {
		return codeUsage
	}
	return codeFatal
}
