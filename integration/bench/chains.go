package main

import (
	"os"
	"os/exec"
	"strings"
)

// A chain is a command line that runs the smallest of programs in the end.
// Those of other suites that do the same, if any, stand beside it.
type chain struct{ daemontools, runit, s6 []string }

func chainTable() []chain {
	return []chain{
		{[]string{"setuidgid", "nobody"}, []string{"chpst", "-u", "nobody"}, []string{"s6-setuidgid", "nobody"}},
		{[]string{"envuidgid", "nobody"}, []string{"chpst", "-U", "nobody"}, []string{"s6-envuidgid", "nobody"}},
		{[]string{"envdir", "./env"}, []string{"chpst", "-e", "./env"}, []string{"s6-envdir", "./env"}},
		{[]string{"softlimit", "-o", "100"}, []string{"chpst", "-o", "100"}, []string{"s6-softlimit", "-o", "100"}},
		{[]string{"softlimit", "-m", "30000000"}, []string{"chpst", "-m", "30000000"}, []string{"s6-softlimit", "-m", "30000000"}},
		{[]string{"setlock", "./lock"}, []string{"chpst", "-L", "./lock"}, []string{"s6-setlock", "./lock"}},
		{[]string{"pgrphack"}, []string{"chpst", "-P"}, []string{"s6-setsid"}},
		{[]string{"fghack"}, nil, []string{"s6-fghack"}},
		{[]string{"softlimit", "-m", "30000000", "envdir", "./env", "setuidgid", "nobody"},
			[]string{"chpst", "-m", "30000000", "-e", "./env", "-u", "nobody"},
			[]string{"s6-softlimit", "-m", "30000000", "s6-envdir", "./env", "s6-setuidgid", "nobody"}},
	}
}

// chains are the contests of tools that become another program.
func (b *bench) chains() (contests []contest) {
	for _, c := range chainTable() {
		entries := []entry{b.chain(reference, "/usr/bin", c.daemontools), b.chain(ours, b.bin(), c.daemontools)}
		if c.runit != nil {
			entries = append(entries, b.chain("runit", "/usr/bin", c.runit))
		}
		contests = append(contests, contest{
			what: "CPU time of an exec through " + strings.Join(c.daemontools, " "), unit: "ms",
			entries: append(entries, b.chain("s6", "/usr/bin", c.s6)),
			measure: b.execCPU, goals: []goal{{reference, 2.5}},
		})
	}
	return contests
}

func (b *bench) chain(suite, bin string, words []string) entry {
	argv := append([]string{bin + "/" + words[0]}, words[1:]...)
	return entry{suite: suite, argv: append(argv, b.nothing())}
}

func (b *bench) execCPU(e entry) (float64, error) {
	dir := b.work + "/chain"
	if err := os.MkdirAll(dir+"/env", 0o755); err != nil {
		return 0, err
	}
	if err := os.WriteFile(dir+"/env/NAME", []byte("value\n"), 0o644); err != nil {
		return 0, err
	}
	cpu, _, err := cost(50, func() *exec.Cmd {
		cmd := e.command()
		cmd.Dir = dir
		return cmd
	})
	return cpu, err
}
