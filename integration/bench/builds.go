package main

import (
	"cmp"
	"fmt"
	"os"
	"os/exec"
	"time"

	"golang.org/x/sys/unix"
)

// builds compare the program with its minimal build: what nobody asks for is
// not to cost him anything.
func (b *bench) builds() []contest {
	entries := []entry{{suite: "minimal", argv: []string{b.minimal()}}, {suite: ours, argv: []string{b.bin() + "/" + ours}}}
	cost := func(what string, applet ...string) contest {
		return contest{
			what: "CPU time of " + what, unit: "ms", entries: entries, goals: []goal{{"minimal", 1.1}},
			measure: func(e entry) (float64, error) { return b.appletCPU(e, applet) },
		}
	}
	size := func(what string, applet ...string) contest {
		return contest{
			what: "private memory of " + what, unit: "KB", entries: entries, goals: []goal{{"minimal", 1.1}},
			measure: func(e entry) (float64, error) { return b.appletMemory(e, applet) },
		}
	}
	return []contest{
		cost("tai64n", "tai64n"), cost("setuidgid", "setuidgid", "nobody", b.nothing()),
		size("supervise", "supervise", b.logs+"/idle"), size("multilog", "multilog", b.logs+"/idle"),
	}
}

// minimal returns the program of the minimal build, which is made when it is
// first asked for.
func (b *bench) minimal() string {
	file := b.work + "/minimal"
	if _, err := os.Stat(file); err != nil {
		build := exec.Command("go", "build", "-trimpath", "-tags", "minimal", "-ldflags", "-s -w", "-o", file, ".")
		build.Env = append(os.Environ(), "CGO_ENABLED=0")
		if out, err := build.CombinedOutput(); err != nil {
			progress("the minimal build: %v: %s", err, out)
		}
	}
	return file
}

func (b *bench) appletCPU(e entry, applet []string) (float64, error) {
	cpu, _, err := cost(50, func() *exec.Cmd {
		cmd := e.command()
		cmd.Args = append(cmd.Args, applet...)
		return cmd
	})
	return cpu, err
}

// appletMemory returns what an applet that waits has for itself.
func (b *bench) appletMemory(e entry, applet []string) (float64, error) {
	err := cmp.Or(os.MkdirAll(b.logs+"/idle", 0o755), os.WriteFile(b.logs+"/idle/down", nil, 0o644))
	if err != nil {
		return 0, err
	}
	cmd := e.command()
	cmd.Args = append(cmd.Args, applet...)
	input, err := cmd.StdinPipe()
	if err != nil {
		return 0, err
	}
	defer input.Close()
	if err := cmd.Start(); err != nil {
		return 0, err
	}
	defer cmd.Wait()
	defer cmd.Process.Signal(unix.SIGTERM)
	time.Sleep(settled)
	private := sumOf([]int{cmd.Process.Pid}, "smaps_rollup", privatePages)
	if private == 0 {
		return 0, fmt.Errorf("%s has ended", applet[0])
	}
	return float64(private), nil
}
