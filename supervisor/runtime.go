package supervisor

import (
	"runtime"
	"runtime/debug"
)

// PrepareRuntime makes the runtime of Go fit for a process that is to live as
// long as the system: an idle one is not woken, and a system without memory or
// processes to give does not end it.
func PrepareRuntime() {
	// Everything happens in one goroutine: other processors would only be
	// woken to find nothing to do.
	runtime.GOMAXPROCS(1)
	makeThreads()
	restMonitor()
	limitMemory(measureMemory())
}

const garbage = 1 << 20 // may lie about before it is collected

// measureMemory returns what the runtime has taken by now: the more, the more
// processors there are.
func measureMemory() int64 {
	var now runtime.MemStats
	runtime.ReadMemStats(&now)
	return int64(now.Sys - now.HeapReleased)
}

// limitMemory limits what the runtime takes. Left to itself it would collect
// garbage every two minutes, and wake an idle process for it; with a limit it
// does when the limit comes near.
func limitMemory(memory int64) {
	debug.SetGCPercent(-1)
	debug.SetMemoryLimit(memory + garbage)
}

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
