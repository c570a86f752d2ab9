package main

import (
	"fmt"
	"os"
	"os/exec"
)

// A logging is what a logger does with a line besides writing it.
type logging struct {
	name string
	most float64 // of our CPU time, in relation to the reference

	// How each family of loggers is told. svlogd reads patterns from a file.
	multilog, svlogd, s6log []string
	config                  string
}

func loggings() []logging {
	return []logging{
		{name: "plain", most: 1. / 10},
		{name: "time stamps", most: 1. / 6, multilog: []string{"t"}, svlogd: []string{"-t"}, s6log: []string{"t"}},
		{name: "a pattern filter", most: 1. / 7, multilog: []string{"-*debug*"}, s6log: []string{"-debug"}, config: "-*debug*\n"},
	}
}

// All rotate at the same size, the greatest that multilog has, so that few
// rotations are a part of the time.
const rotation = "s16777215"

// loggers are the contests of loggers, with cat beside them where it does the
// same.
func (b *bench) loggers() (contests []contest) {
	for _, mode := range loggings() {
		for _, length := range []int{20, 120, 2000} {
			entries := b.loggerEntries(mode)
			goals := []goal{{reference, mode.most}, {"runit", 1}, {"busybox", 1}, {"s6", 1}}
			if mode.name == "plain" {
				entries = append(entries, entry{suite: "cat >file", argv: []string{"/usr/bin/cat"}})
				goals = append(goals, goal{"cat >file", 1.5})
			}
			lines := text(length)
			contests = append(contests, contest{
				what: fmt.Sprintf("CPU time of the logger, %s, lines of %d bytes", mode.name, length), unit: "s/GiB",
				entries: entries, goals: goals,
				measure: func(e entry) (float64, error) { return b.logCPU(e, mode, lines) },
			})
		}
	}
	return append(contests, contest{
		what: "private memory of a logger beside another, after 8 MiB of lines", unit: "KB",
		entries: b.loggerEntries(loggings()[0]), goals: []goal{{ours, 1536}},
		measure: b.logMemory,
	})
}

// loggerEntries returns the loggers. Each has a directory as its last
// argument, which is made for it.
func (b *bench) loggerEntries(mode logging) []entry {
	with := func(argv []string, options ...string) []string {
		return append(append(argv, options...), "./log")
	}
	multilog := append(mode.multilog, rotation, "n20")
	return []entry{
		{suite: reference, argv: with([]string{"/usr/bin/multilog"}, multilog...)},
		{suite: ours, argv: with([]string{b.bin() + "/multilog"}, multilog...)},
		{suite: "runit", argv: with([]string{"/usr/bin/svlogd"}, mode.svlogd...)},
		{suite: "busybox", argv: with([]string{"/usr/bin/busybox", "svlogd"}, mode.svlogd...)},
		{suite: "s6", argv: with([]string{"/usr/bin/s6-log", "--"}, append(mode.s6log, rotation, "n20")...)},
	}
}

func (b *bench) logCPU(e entry, mode logging, lines []byte) (float64, error) {
	cmd, clean, err := b.logger(e, mode.config)
	if err != nil {
		return 0, err
	}
	defer clean()
	return feed(cmd, lines)
}

// logMemory returns what one more logger takes, in KB: the pages of the program
// are shared with another that runs, as on every system that logs.
func (b *bench) logMemory(e entry) (private float64, err error) {
	other, clean, err := b.logger(e, "")
	if err != nil {
		return 0, err
	}
	defer clean()
	err = withInput(other, func(pipe *os.File) error {
		if err := fill(pipe); err != nil {
			return err
		}
		private, err = b.memoryOf(e)
		return err
	})
	return private, err
}

func (b *bench) memoryOf(e entry) (private float64, err error) {
	cmd, clean, err := b.logger(e, "")
	if err != nil {
		return 0, err
	}
	defer clean()
	err = withInput(cmd, func(pipe *os.File) error {
		err := fill(pipe)
		private = float64(sumOf([]int{cmd.Process.Pid}, "smaps_rollup", privatePages))
		return err
	})
	return private, err
}

// fill gives a logger some work, and waits until it is done.
func fill(pipe *os.File) error {
	if _, err := pour(pipe, text(120), 8<<20); err != nil {
		return err
	}
	return drained(pipe)
}

// logger prepares a logger in a directory of its own, which has to be cleaned
// up. Its standard output, which only cat uses, is a file there.
func (b *bench) logger(e entry, config string) (cmd *exec.Cmd, clean func(), err error) {
	dir, err := os.MkdirTemp(b.logs, "")
	if err != nil {
		return nil, nil, err
	}
	if err := os.Mkdir(dir+"/log", 0o755); err != nil {
		return nil, nil, err
	}
	if err := os.WriteFile(dir+"/log/config", []byte(rotation+"\nn20\n"+config), 0o644); err != nil {
		return nil, nil, err
	}
	out, err := os.Create(dir + "/out")
	if err != nil {
		return nil, nil, err
	}
	cmd = e.command()
	cmd.Dir, cmd.Stdout = dir, out
	return cmd, func() { out.Close(); os.RemoveAll(dir) }, nil
}
