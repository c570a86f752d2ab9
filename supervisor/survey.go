package supervisor

import (
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"time"
)

const (
	// silenceLimit is how long it is waited for a process to let itself be
	// looked at. On a machine that is busy, more than nothing.
	silenceLimit = 2 * time.Second

	// silentLimit is how many processes may be silent before no more are looked
	// at, this time: each keeps a thread of ours for as long as it is silent.
	silentLimit = 4
)

// survey looks at processes. Some may never let it: the kernel reads the
// environment and the command line of a process from its memory, and that, or
// the directory that it is in, may be waiting for a disk or a server which does
// not answer. Those are returned as silent.
func survey[T any](pids []int, look func(pid int) T) (found map[int]T, silent []int) {
	found = make(map[int]T, len(pids))
	for len(pids) > 0 && len(silent) < silentLimit {
		answers := make(chan T, len(pids))
		go askAll(pids, look, answers) // until the last answers, or for ever
		if pids = receive(pids, answers, found); len(pids) > 0 {
			silent, pids = append(silent, pids[0]), pids[1:]
		}
	}
	return found, silent
}

func askAll[T any](pids []int, look func(pid int) T, answers chan<- T) {
	for _, pid := range pids {
		answers <- look(pid)
	}
}

// receive notes the answers of pids, and returns those from the first one that
// is silent.
func receive[T any](pids []int, answers <-chan T, found map[int]T) []int {
	silence := time.NewTimer(silenceLimit)
	defer silence.Stop()
	for ; len(pids) > 0; pids = pids[1:] {
		select {
		case found[pids[0]] = <-answers:
			silence.Reset(silenceLimit)
		case <-silence.C:
			return pids
		}
	}
	return nil
}

// allPids returns the pids of all processes, but for those that were silent when
// they were looked at before.
func (l *loop) allPids() (pids []int) {
	procs, _ := filepath.Glob("/proc/[0-9]*")
	for _, proc := range procs {
		if pid, _ := strconv.Atoi(filepath.Base(proc)); !slices.Contains(l.silent, pid) {
			pids = append(pids, pid)
		}
	}
	return pids
}

// noteSilent says which processes nothing is known of. What they run may be
// instances: but only those of which no detail tells either would be doubled, and
// to start nothing for their sake would be worse.
func (l *loop) noteSilent(pids []int) {
	if len(pids) > 0 {
		makeThreads() // some that were to spare are waiting now, maybe for ever
		l.silent = append(l.silent, pids...)
		l.say(fmt.Sprintf("supervise: warning: unable to look at processes, which may be instances: no answer from %v", pids))
	}
}
