package inherited

import "golang.org/x/sys/unix"

// unused are the signals of which a C program dies unless it has said otherwise,
// and the runtime has no use for either: it ignores them, which would make a
// limit of CPU time none, or prints the stacks of all goroutines. Of those that
// tell of its own faults it is to go on to do so.
var unused = [...]unix.Signal{
	unix.SIGQUIT, unix.SIGABRT, unix.SIGUSR1, unix.SIGUSR2,
	unix.SIGXCPU, unix.SIGVTALRM, unix.SIGPROF, unix.SIGIO, unix.SIGPWR,
}

// RestoreUnused makes those of the signals as they were at the start that the
// runtime does not need, for a program that catches others.
func RestoreUnused() {
	if !recorded {
		record() // what there is left to see
	}
	for _, s := range unused {
		restoreSignal(int(s), ignored&(1<<(s-1)) != 0)
	}
}
