package supervisor

import "runtime"

// spareThreads is how many threads the runtime may need at once beside those
// that it has when it begins: one each for signals, messages and what goes on
// while the loop is in a system call, and one that is on its way from one of
// these to another.
const spareThreads = 4

// makeThreads makes so many threads that the runtime, which keeps them, will
// want no more. It would at some time, when more of them than ever are in
// system calls, and is ended by a system that has no process to give just then.
func makeThreads() {
	made, enough := make(chan struct{}), make(chan struct{})
	for range spareThreads {
		go func() { // until enough are made
			runtime.LockOSThread()
			defer runtime.UnlockOSThread()
			made <- struct{}{}
			<-enough
		}()
	}
	for range spareThreads {
		<-made
	}
	close(enough)
}
