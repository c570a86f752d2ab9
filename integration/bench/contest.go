package main

import (
	"fmt"
	"os"
	"os/exec"
	"path"
	"slices"
	"strings"
)

// A contest is between commands that do the same thing. They take turns.
type contest struct {
	what    string // is measured
	unit    string
	entries []entry
	measure func(entry) (float64, error)
	goals   []goal
}

// An entry is the command by which a suite takes part.
type entry struct {
	suite string
	argv  []string // beginning with a path
	env   []string
	needs []string // files that have to be there besides the command
}

// lacks tells what has to be there for the command and is not, if so.
func (e entry) lacks() string {
	for _, file := range append(e.argv[:1:1], e.needs...) {
		if _, err := os.Stat(file); err != nil {
			return file
		}
	}
	if path.Base(e.argv[0]) != "busybox" {
		return ""
	}
	applets, _ := exec.Command(e.argv[0], "--list").Output()
	if slices.Contains(strings.Fields(string(applets)), e.argv[1]) {
		return ""
	}
	return e.argv[1] + " in " + e.argv[0]
}

func (e entry) command() *exec.Cmd {
	cmd := exec.Command(e.argv[0], e.argv[1:]...)
	cmd.Env = append(e.env, "PATH="+path.Dir(e.argv[0])+":/usr/bin:/bin")
	return cmd
}

// A goal is what our command is to reach.
type goal struct {
	to   string  // whose value it is compared with; ours means that the value itself counts
	most float64 // the ratio, or the value
}

// A match is a series of contests that can be asked for by its name.
type match struct {
	name     string
	setting  string // in which they take place
	contests []contest
}

// matches lists all contests. They have to do with programs by themselves, not
// with trees of services.
func (b *bench) matches() []match {
	files := "files are in " + b.logs
	input := fmt.Sprintf("%s, the input is %d MiB of lines", files, fed>>20)
	return []match{
		{"multilog", input, b.loggers()},
		{"tai64n", input, b.filters()},
		{"exec", files, b.chains()},
		{"build", "what applets need, with and without the control centre", b.builds()},
		{"machine", "the kernel is " + machineKernel(), b.machines()},
	}
}

// hold lets all contests of a match take place in every round.
func (b *bench) hold(m match, rounds int, r *report) {
	fmt.Printf("\n%s: %s\n", m.name, m.setting)
	for round := range rounds {
		progress("%s, round %d of %d", m.name, round+1, rounds)
		for _, c := range m.contests {
			c.round(round, r.results)
		}
	}
	for _, c := range m.contests {
		r.contest(c)
	}
}

func (c contest) round(round int, r results) {
	for _, e := range c.entries {
		if e.lacks() != "" {
			continue
		}
		value, err := c.measure(e)
		if err != nil {
			progress("%s: %s: %v", c.what, e.suite, err)
			continue
		}
		r.note(cell{what: c.what, suite: e.suite}, round, value)
	}
}

// contest prints a block for a contest.
func (r *report) contest(c contest) {
	fmt.Printf("\n%s\n", c.what)
	for _, e := range c.entries {
		if r.value(cell{what: c.what, suite: e.suite}, c.unit) {
			fmt.Println()
		} else if lack := e.lacks(); lack != "" {
			fmt.Printf("  %-12s takes no part: there is no %s\n", e.suite, lack)
		} else {
			fmt.Printf("  %-12s has failed\n", e.suite)
		}
	}
	for _, g := range c.goals {
		r.goal(c, g)
	}
}

// goal tells whether our command has reached a goal, if it took part.
func (r *report) goal(c contest, g goal) {
	mine := cell{what: c.what, suite: ours}
	got := r.ratios(mine, g.to)
	what := "in relation to " + g.to
	if g.to == ours {
		got, what = r.values(mine), "in "+c.unit
	}
	if len(got) == 0 {
		return
	}
	fmt.Printf("    %s %s: %s", ours, what, figures(median(got)))
	r.judge(c.what+", "+what, median(got), g.most)
	fmt.Println()
}
