package integration

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"syn3d/protocol"

	"golang.org/x/sys/unix"
)

// ownCopy returns a directory with a copy of syn3d as svscan.
func ownCopy(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	copySyn3d(t, dir+"/svscan")
	return dir
}

// copySyn3d puts a copy of syn3d in the place of a file.
func copySyn3d(t *testing.T, file string) {
	t.Helper()
	content, err := os.ReadFile(bin + "/syn3d")
	check(t, err)
	check(t, os.WriteFile(file+".new", content, 0o755))
	check(t, os.Rename(file+".new", file))
}

// awaitUpgrade waits until a process executes the file, and its keepers have
// gone.
func awaitUpgrade(t *testing.T, d *daemon, file string) {
	t.Helper()
	var want, got unix.Stat_t
	check(t, unix.Stat(file, &want))
	eventually(t, "the new program runs", func() bool {
		return unix.Stat(fmt.Sprintf("/proc/%d/exe", d.cmd.Process.Pid), &got) == nil && got.Ino == want.Ino
	})
	eventually(t, "it has taken over", func() bool {
		return !slices.ContainsFunc(children(d.cmd.Process.Pid), func(pid int) bool {
			cmdline, _ := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid))
			return strings.HasPrefix(string(cmdline), "svscan upgrade\x00")
		})
	})
}

// TestUpgrade has svscan execute another program while services of all kinds
// run and commands come. None is restarted, and none of the commands is lost.
func TestUpgrade(t *testing.T) {
	t.Parallel()
	modes(t, func(t *testing.T, options ...string) {
		t.Parallel()
		scan, program := t.TempDir(), ownCopy(t)
		names := numbered("s", 200) // more than one descriptor table holds
		for _, name := range names {
			writeService(t, scan+"/"+name, "#!/bin/sh\n"+untilTold)
		}
		special := map[string]string{"paused": "-p", "once": "-o", "down": "-d"}
		for name := range special {
			writeService(t, scan+"/"+name, "#!/bin/sh\n"+untilTold)
		}
		parent, name := filepath.Split(scan) // a relative one, as it may well be
		d := startDaemon(t, parent, append(append([]string{program + "/svscan"}, options...), name)...)
		awaitAllUp(t, scan, names, nil)
		for name, option := range special {
			awaitSleep(t, scan+"/"+name)
			run(t, scan, "svc", option, name)
		}
		awaitDown(t, scan+"/down")
		eventually(t, "it is paused", func() bool { return strings.Contains(run(t, scan, "svstat", "paused").out, "paused") })
		all := append(slices.Clone(names), "paused", "once", "down")
		before := statuses(t, scan, all)

		copySyn3d(t, program+"/svscan")
		var sent sync.WaitGroup
		for _, name := range names {
			sent.Go(func() {
				if err := protocol.Send(scan+"/"+name, []byte("o")); err != nil {
					t.Errorf("%s: %v", name, err)
				}
			})
			if name == names[len(names)/2] {
				d.signal(unix.SIGUSR2)
			}
		}
		sent.Wait()
		awaitUpgrade(t, d, program+"/svscan")
		eventually(t, "every command has been carried out", func() bool {
			return !slices.ContainsFunc(names, func(name string) bool {
				status, err := protocol.ReadStatus(scan + "/" + name)
				return err != nil || status.Want != protocol.WantOnce
			})
		})
		for name, status := range statuses(t, scan, all) {
			want := before[name]
			if strings.HasPrefix(name, "s-") {
				want.Want = protocol.WantOnce
			}
			if status != want {
				t.Errorf("%s: the status is %+v, want %+v", name, status, want)
			}
		}
		d.signal(unix.SIGTERM)
		if code := d.wait(); code != 0 {
			t.Errorf("svscan ends with %d, want 0", code)
		}
		if got := d.said(); got != "" {
			t.Errorf("svscan says %q", got)
		}
	})
}

func statuses(t *testing.T, scan string, names []string) map[string]protocol.Status {
	t.Helper()
	all := map[string]protocol.Status{}
	for _, name := range names {
		status, err := protocol.ReadStatus(scan + "/" + name)
		check(t, err)
		all[name] = status
	}
	return all
}

// TestUpgradeFails has svscan execute what cannot be executed: it goes on as
// before.
func TestUpgradeFails(t *testing.T) {
	t.Parallel()
	modes(t, func(t *testing.T, options ...string) {
		t.Parallel()
		scan, program := t.TempDir(), ownCopy(t)
		writeService(t, scan+"/x", forever)
		d := startDaemon(t, "/", append(append([]string{program + "/svscan"}, options...), scan)...)
		up := awaitUp(t, scan+"/x")
		check(t, os.WriteFile(program+"/other", nil, fs.ModePerm))
		check(t, os.Rename(program+"/other", program+"/svscan"))
		before := procFile(d.cmd.Process.Pid, "limits")
		d.signal(unix.SIGUSR2)
		d.awaitSaid("svscan: warning: unable to upgrade: unable to execute " + program + "/svscan: exec format error\n")
		if after := procFile(d.cmd.Process.Pid, "limits"); after != before {
			t.Errorf("its limits are %s, and were %s", after, before)
		}
		run(t, scan, "svc", "-t", "x")
		eventually(t, "it still restarts services", func() bool { now := pid(t, scan+"/x"); return now > 0 && now != up })
	})
}

// TestUpgradeCommand has svscan upgraded by who waits for it.
func TestUpgradeCommand(t *testing.T) {
	t.Parallel()
	modes(t, func(t *testing.T, options ...string) {
		t.Parallel()
		scan, program := t.TempDir(), ownCopy(t)
		writeService(t, scan+"/x", forever, "log/run", "#!/bin/sh\nexec cat\n")
		d := startDaemon(t, "/", append(append([]string{program + "/svscan"}, options...), scan)...)
		up := awaitUp(t, scan+"/x")
		awaitUp(t, scan+"/x/log")
		for range 2 { // the second time nothing is new
			want := result{"Upgrading " + scan + " ....OK\n", "", 0}
			if got := run(t, "/", "syn3d", "upgrade", scan); got != want {
				t.Errorf("syn3d upgrade = %+v, want %+v", got, want)
			}
			if got := pid(t, scan+"/x"); got != up {
				t.Errorf("the service is up as %d, want %d", got, up)
			}
			copySyn3d(t, program+"/svscan")
		}

		check(t, os.WriteFile(program+"/other", []byte("#!/bin/sh\necho no >&2; exit 1\n"), fs.ModePerm))
		check(t, os.Rename(program+"/other", program+"/svscan"))
		want := result{"", "upgrade: fatal: " + program + "/svscan does not run: \"no\\n\", exit status 1\n", 111}
		if got := run(t, "/", "syn3d", "upgrade", scan); got != want {
			t.Errorf("syn3d upgrade = %+v, want %+v", got, want)
		}
		d.signal(unix.SIGTERM)
		if code := d.wait(); code != 0 {
			t.Errorf("svscan ends with %d, want 0", code)
		}
	})
}

func TestUpgradeOfNothing(t *testing.T) {
	t.Parallel()
	scan := t.TempDir()
	for _, c := range []struct {
		name string
		argv []string
		want result
	}{
		{"no svscan", []string{scan}, result{"", "upgrade: fatal: no svscan runs in " + scan + "\n", 111}},
		{"no directory", []string{scan + "/none"}, result{"", "upgrade: fatal: unable to chdir to " + scan + "/none: file does not exist\n", 111}},
		{"an option", []string{"-f"}, result{"", "upgrade: usage: syn3d upgrade [directory]\n", 100}},
	} {
		if got := run(t, "/", append([]string{"syn3d", "upgrade"}, c.argv...)...); got != c.want {
			t.Errorf("%s: syn3d upgrade = %+v, want %+v", c.name, got, c.want)
		}
	}
	svscan := startDaemon(t, "/", original(t, "svscan"), scan)
	eventually(t, "svscan scans", func() bool {
		comm, _ := os.ReadFile(fmt.Sprintf("/proc/%d/comm", svscan.cmd.Process.Pid))
		cwd, _ := os.Readlink(fmt.Sprintf("/proc/%d/cwd", svscan.cmd.Process.Pid))
		return string(comm) == "svscan\n" && cwd == scan
	})
	want := result{"", fmt.Sprintf("upgrade: fatal: svscan (pid %d) is another program, which cannot be upgraded\n", svscan.cmd.Process.Pid), 111}
	if got := run(t, "/", "syn3d", "upgrade", scan); got != want {
		t.Errorf("with the original, syn3d upgrade = %+v, want %+v", got, want)
	}
	svscan.kill()
}
