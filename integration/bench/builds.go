package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"golang.org/x/sys/unix"
)

// The builds that ours is compared with: one without the control centre, and the
// minimal one, which has no flag parser either.
const (
	without = "without"
	minimal = "minimal"
)

// builds compare what applets need with and without the control centre: what
// nobody asks for is not to cost him anything.
func (b *bench) builds() []contest {
	var entries []entry
	for _, name := range []string{without, minimal, ours} {
		entries = append(entries, entry{suite: name, argv: []string{b.bin() + "/" + ours}})
	}
	cost := func(what string, applet ...string) contest {
		return contest{
			what: "CPU time of " + what, unit: "ms", entries: entries, goals: []goal{{without, 1.1}},
			measure: func(e entry) (float64, error) { return b.appletCPU(e, applet) },
		}
	}
	size := func(what string, applet ...string) contest {
		return contest{
			what: "private memory of " + what, unit: "KB", entries: entries, goals: []goal{{without, 1.1}},
			measure: func(e entry) (float64, error) { return b.appletMemory(e, applet) },
		}
	}
	return []contest{
		cost("tai64n", "tai64n"), cost("setuidgid", "setuidgid", "nobody", b.nothing()),
		size("supervise", "supervise", b.logs+"/idle"), size("multilog", "multilog", b.logs+"/idle"),
	}
}

// applet returns the command of an applet of a build, which is made when it is
// first asked for.
func (b *bench) applet(e entry, applet []string) (*exec.Cmd, error) {
	if e.suite != ours {
		e.argv = []string{b.work + "/" + e.suite}
		if _, err := os.Stat(e.argv[0]); err != nil {
			if err := makeBuild(e.suite, e.argv[0]); err != nil {
				return nil, err
			}
		}
	}
	cmd := e.command()
	cmd.Args = append(cmd.Args, applet...)
	return cmd, nil
}

// makeBuild makes a build as the Makefile would, but for the tag, or for what is
// embedded, which it has the compiler take for not there.
func makeBuild(name, file string) error {
	data, err := filepath.Abs("applets/scc/embedded/scc")
	if err != nil {
		return err
	}
	overlay, err := json.Marshal(map[string]map[string]string{"Replace": {data: ""}})
	if err == nil {
		err = os.WriteFile(file+".json", overlay, 0o644)
	}
	if err != nil {
		return err
	}
	tags := "urfave_cli_no_docs"
	if name == minimal {
		tags = "minimal"
	}
	build := exec.Command("go", "build", "-trimpath", "-buildvcs=false", "-overlay", file+".json",
		"-tags", tags+",quietruntime", "-ldflags", "-s -w -checklinkname=0", "-o", file, ".")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		return fmt.Errorf("%w: %s", err, out)
	}
	return nil
}

func (b *bench) appletCPU(e entry, applet []string) (float64, error) {
	cmd, err := b.applet(e, applet)
	if err != nil {
		return 0, err
	}
	cpu, _, err := cost(50, func() *exec.Cmd {
		again := exec.Command(cmd.Path, cmd.Args[1:]...)
		again.Env = cmd.Env
		return again
	})
	return cpu, err
}

// appletMemory returns what an applet that waits has for itself.
func (b *bench) appletMemory(e entry, applet []string) (float64, error) {
	err := cmp.Or(os.MkdirAll(b.logs+"/idle", 0o755), os.WriteFile(b.logs+"/idle/down", nil, 0o644))
	if err != nil {
		return 0, err
	}
	cmd, err := b.applet(e, applet)
	if err != nil {
		return 0, err
	}
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
