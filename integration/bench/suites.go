package main

import (
	"os"
	"strconv"
	"time"

	"golang.org/x/sys/unix"
)

// A suite is a family of tools that keep the services of a scan directory
// running. All of them take the same letters from the same FIFO in a service
// directory, and keep the services' working directory and standard output the
// same way: that is all that the questions below rest on.
type suite struct {
	name string
	bin  string // the directory of its programs, which comes first in PATH
	pkg  string // what to install for it

	scan   func(dir string, services int) []string // the command that keeps dir running
	most   int                                     // services that it can keep, 0 if there is no limit
	stop   unix.Signal                             // ends what scan has started
	adopts bool                                    // takes over what one before has left
	orphan bool                                    // stop leaves the supervisors alone: tell each to exit

	svok   []string // the command that tells whether a service directory, which follows, is supervised
	svstat []string // the command that tells the status of all the service directories that follow
}

const (
	reference = "daemontools" // what the others are compared with
	ours      = "syn3d"       // what has targets
)

// suites lists what is measured, in turn in this order. Ours are found in bin.
func suites(bin string) []suite {
	just := func(argv ...string) func(string, int) []string {
		return func(dir string, _ int) []string { return append(argv[:len(argv):len(argv)], dir) }
	}
	s6 := func(dir string, services int) []string {
		return []string{"s6-svscan", "-c", strconv.Itoa(max(services, 500)), dir}
	}
	return []suite{
		{
			name: reference, bin: "/usr/bin", pkg: "daemontools",
			scan: just("svscan"), most: 1000, stop: unix.SIGTERM, orphan: true,
			svok: []string{"svok"}, svstat: []string{"svstat"},
		},
		{
			name: ours, bin: bin, adopts: true,
			scan: just("svscan"), stop: unix.SIGTERM,
			svok: []string{"svok"}, svstat: []string{"svstat"},
		},
		{
			name: ours + " -p", bin: bin, adopts: true,
			scan: just("svscan", "-p"), stop: unix.SIGTERM,
			svok: []string{"svok"}, svstat: []string{"svstat"},
		},
		{
			name: "runit", bin: "/usr/bin", pkg: "runit",
			scan: just("runsvdir"), most: 1000, stop: unix.SIGHUP,
			svstat: []string{"sv", "status"},
		},
		{
			name: "s6", bin: "/usr/bin", pkg: "s6",
			scan: s6, stop: unix.SIGTERM,
			svok: []string{"s6-svok"},
		},
	}
}

// installed reports whether the suite can be run.
func (s suite) installed() bool {
	_, err := os.Stat(s.bin + "/" + s.scan("", 0)[0])
	return err == nil
}

// settled is how long after its start a service is left alone: the suites
// restart none sooner than a second after its last start, and some hear no
// command before.
const settled = 1200 * time.Millisecond
