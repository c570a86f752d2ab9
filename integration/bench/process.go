package main

import (
	"bytes"
	"os"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// descendants returns root and all processes below it, parents first.
func descendants(root int) []int {
	children := map[int][]int{}
	names, _ := readNames("/proc")
	for _, name := range names {
		if pid, err := strconv.Atoi(name); err == nil {
			parent := parentOf(pid)
			children[parent] = append(children[parent], pid)
		}
	}
	tree := []int{root}
	for i := 0; i < len(tree); i++ {
		tree = append(tree, children[tree[i]]...)
	}
	return tree
}

func readNames(dir string) ([]string, error) {
	f, err := os.Open(dir)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return f.Readdirnames(-1)
}

// parentOf returns the parent of a process, 0 if it has gone.
func parentOf(pid int) int {
	stat, _ := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	// The name, in parentheses, may hold anything.
	_, rest, _ := bytes.Cut(stat[bytes.LastIndexByte(stat, ')')+1:], []byte(" "))
	fields := strings.Fields(string(rest))
	if len(fields) < 2 {
		return 0
	}
	parent, _ := strconv.Atoi(fields[1])
	return parent
}

// cpuTime returns the CPU time that processes have used, user and system, to
// the nanosecond: /proc/PID/stat counts in ticks of 10 ms, of which a short
// life sees none.
func cpuTime(pids []int) (sum time.Duration) {
	for _, pid := range pids {
		// What clock_getcpuclockid(3) returns for pid.
		const sched = 2
		clock := int32(^pid<<3 | sched)
		var ts unix.Timespec
		unix.ClockGettime(clock, &ts)
		sum += time.Duration(ts.Nano())
	}
	return sum
}

// A table is a file of /proc that has a name and a number in a line.
type table map[string]int

func readTable(file string) table {
	content, _ := os.ReadFile(file)
	t := table{}
	for line := range strings.Lines(string(content)) {
		name, rest, _ := strings.Cut(line, ":")
		if fields := strings.Fields(rest); len(fields) > 0 {
			t[name], _ = strconv.Atoi(fields[0])
		}
	}
	return t
}

// sumOf adds up what ask returns of each process's file in /proc.
func sumOf(pids []int, file string, ask func(table) int) (sum int) {
	for _, pid := range pids {
		sum += ask(readTable("/proc/" + strconv.Itoa(pid) + "/" + file))
	}
	return sum
}
