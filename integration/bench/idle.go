package main

import (
	"fmt"
	"os"
	"strconv"
	"time"
)

// The Go runtime looks after its threads once a minute: less than a minute's
// rest would not show that.
var idle = question{
	name: "idle",
	rows: []row{{what: "wake-ups while idle", target: target{ratio: 0, services: anyNumber}}},
}

// rest is how long trees are left alone after their start, before it counts.
const rest = 5 * time.Second

// idle counts the wake-ups of all suites at the same time, each with a tree
// of its own: those that sleep do not disturb each other.
func (b *bench) idle(services int, span time.Duration, r results) error {
	defer killAll()
	var trees []*tree
	for _, s := range b.suites {
		t, err := b.grow(s, services)
		if err != nil {
			return fmt.Errorf("%s: %w", s.name, err)
		}
		trees = append(trees, t)
	}
	time.Sleep(rest)
	before := make([]int, len(trees))
	for i, t := range trees {
		before[i] = wakeUps(t.supervisors())
	}
	time.Sleep(span)
	for i, t := range trees {
		woken := wakeUps(t.supervisors()) - before[i]
		r.add(idle, services, t.name, 0, []float64{float64(woken)})
	}
	return nil
}

// wakeUps returns how often the threads of processes went to sleep, or had to
// make way: that is how often they were given a processor, save once.
func wakeUps(pids []int) (sum int) {
	for _, pid := range pids {
		tasks := "/proc/" + strconv.Itoa(pid) + "/task"
		threads, _ := os.ReadDir(tasks)
		for _, thread := range threads {
			of := readTable(tasks + "/" + thread.Name() + "/status")
			sum += of["voluntary_ctxt_switches"] + of["nonvoluntary_ctxt_switches"]
		}
	}
	return sum
}
