// Package supervisor keeps services running. It is the daemon's side of
// package protocol, and knows nothing of command lines: it may not import
// applets, a flag parser or os/exec.
//
// # The model
//
// A service is a directory with a program run. It is up, then it has one
// process, or down. An administrator wants it up (start it, and again whenever
// it ends), down, or once (leave it as it is). It may be leaving: then its
// supervision ends as soon as it is down, and nothing takes that back. A start
// is due when a command asks for one, at once, or when the service has ended
// and is wanted up, but then not sooner than a second after its last start, and
// later if it crashes again and again. That is all of the Machine, which is a
// pure function of what it was told.
//
// What the loop has started without having been told to, it verifies: it runs
// the start script, whose verdict it writes down. What goes wrong it reports to
// the monitor.
//
// What always holds:
//
//   - A service has at most one process.
//   - Only a process that has not been waited for is sent signals.
//   - The status on disk is what the Machine thinks, but for the time that
//     the disk refuses it; then it is written again until it is. Only that a
//     TERM was sent is told a moment later.
//   - What a supervisor leaves when it dies is taken over by the next one, and
//     never started beside it.
//   - A start is verified by one script at a time, and that ends with the
//     service.
//   - No script, monitor command, warning, slow reader, full disk or failing system call ends
//     supervision.
//
// # Who owns what
//
// One goroutine, the loop, owns everything: every service, every child, every
// descriptor. Timers, signals and the poller only send it events. So there is
// no lock in this package, and no race between the end of a process and the
// signal that was meant for it. Two things are done elsewhere so that the loop
// does not have to wait or to pay for them: messages are written by a goroutine
// that may be blocked by whoever reads them, and descriptors beyond the first
// tableSize live in the tables of threads, which do for the loop what needs
// them while it waits.
//
//	control FIFOs ─► poller ─┐                      ┌─► status, by rename
//	inotify ───────► poller ─┤                      │
//	pidfds ───────► poller ──┤                      │
//	SIGCHLD ──────► reaper ──┼─► loop ─► service ───┼─► signals
//	timers ──────────────────┤      ├─► Machine     ├─► fork, exec ./run
//	                         │      ├─► script      ├─► ./start, ./stop
//	                         │      └─► monitor     └─► syn3-state
//	TERM, HUP, ALRM ─────────┘      └─► scanner ─► entry ─► supervision ─► host
//
// svscan is a scanner: it has an entry for every service directory, and an
// entry has one or two supervisions, of the service and of its log. A host
// runs them, as services of the same loop or as processes of their own.
package supervisor
