// Package handover executes a program in the place of this one, in the same
// process, without losing a signal that comes meanwhile.
//
// An exec takes all handlers away, and the next program has its own only some
// milliseconds later. A signal in between ends the process. A C program would
// block signals for that time, and find them pending. But the Go runtime
// unblocks HUP, INT, QUIT and TERM in each of its threads, as one of the first
// things that it does, and ends the process if such a signal comes before
// somebody asks for it. So from here on
//
//	this program:  the thread that executes blocks signals. Those that come to
//	               other threads are sent on to it by a handler of our own.
//	the kernel:    what is pending for that thread survives the exec.
//	next program:  Begin, before the runtime: a handler of our own takes down
//	               what comes. The runtime believes that it has installed its
//	               handlers, but we have kept them back.
//	               Deliver, when all channels are there: the runtime's handlers
//	               are installed, and what was taken down is sent again.
//
// A child that is started within Fork holds signals from its beginning in the
// same way.
//
// Begin is called by the hook that package inherited has before the runtime.
// Handlers are kept back by another of that kind: the runtime would leave it to
// C libraries to install them, by the variable _cgo_sigaction. It has that for
// amd64 and arm64. Elsewhere, and with cgo, signals are as deadly as they are to
// any program that has just been started.
package handover
