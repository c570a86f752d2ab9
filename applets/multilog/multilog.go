// Package multilog reads lines and appends selected ones to logs that do not
// grow: it is the program multilog of daemontools as a library.
//
// One goroutine does everything. It reads as much as there is, does with the
// lines what the script says, writes, and only then waits for more: what has
// been read never sits in a buffer while there is nothing to do.
//
//	stdin ──► input ──► stamper ──► lines ──┬──► statuses
//	            ▲       (if t)              ├──► stderr
//	        signals                         └──► outputs ──► log directories ──► processors
package multilog

import (
	"runtime"
	"runtime/debug"

	"syn3d/protocol"

	"golang.org/x/sys/unix"
)

// Run does what the script in args says with the lines of standard input,
// until they end or TERM comes. An error means that nothing has been read.
func Run(args []string) error {
	unix.Umask(0o022)
	signals, err := catchAlarm()
	if err != nil {
		return err
	}
	script := parse(args)
	l, err := open(&script, signals)
	if err != nil {
		return err
	}
	// Until now there is nothing to lose, and TERM may end a wait for a disk.
	signals.catchTerm()
	limitMemory()
	in := input{signals: signals, onAlarm: l.rotate}
	l.readAll(in.read)
	for _, d := range l.dirs {
		d.close()
	}
	return nil
}

// garbage is how much may lie about before it is collected.
const garbage = 1 << 20

// limitMemory limits the heap to what there is, and garbage. Lines and
// rotations leave none, but processors and warnings do; and the runtime, left
// to itself, would collect every two minutes what is not there.
func limitMemory() {
	var now runtime.MemStats
	runtime.ReadMemStats(&now)
	debug.SetGCPercent(-1)
	debug.SetMemoryLimit(int64(now.Sys-now.HeapReleased) + garbage)
}

// open opens all that the script names.
func open(s *script, signals *signals) (*lines, error) {
	// The original also needs it to come back, and fails where it cannot.
	here, err := unix.Open(".", unix.O_RDONLY|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, &protocol.Error{What: "unable to switch to current directory", Err: err}
	}
	defer unix.Close(here)
	l := newLines(s)
	for _, name := range s.statuses {
		status, err := openStatus(here, name, signals)
		if err != nil {
			return nil, err
		}
		l.statuses = append(l.statuses, status)
	}
	for _, spec := range s.dirs {
		d, err := openLogDir(here, spec, signals)
		if err != nil {
			return nil, err
		}
		l.add(d)
	}
	return l, nil
}
