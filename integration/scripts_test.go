package integration

import (
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"syn3d/protocol"

	"golang.org/x/sys/unix"
)

// awaitVerdict waits until somebody has verified the instance that runs, and
// returns what came of it.
func awaitVerdict(t *testing.T, dir string) (v protocol.Verdict) {
	t.Helper()
	eventually(t, "there is a verdict on "+dir, func() bool {
		status, err := protocol.ReadStatus(dir)
		if err != nil {
			return false
		}
		v, err = protocol.ReadVerdict(dir)
		return err == nil && (v.Of(status) || v.Pid == 0)
	})
	return v
}

// TestStartScript has the supervisor verify what it starts itself, and not
// what it is told to start.
func TestStartScript(t *testing.T) {
	t.Parallel()
	keepers(t, func(t *testing.T, keep func(*testing.T, string) *daemon) {
		t.Parallel()
		scan := t.TempDir()
		dir := scan + "/x"
		writeService(t, dir, forever, "start", "#!/bin/sh\nsvc -u .\necho $SVC_REASON $SVC_DIR >>reasons\n")
		keep(t, scan)
		up := awaitUp(t, dir)
		verdict := awaitVerdict(t, dir)
		if !verdict.OK || verdict.By != protocol.ByScript || verdict.Reason != protocol.ReasonBoot || int(verdict.Pid) != up {
			t.Errorf("the verdict is %+v; want that of the start script, about pid %d", verdict, up)
		}

		check(t, unix.Kill(up, unix.SIGKILL))
		eventually(t, "the next instance is verified", func() bool {
			v, err := protocol.ReadVerdict(dir)
			return err == nil && v.OK && int(v.Pid) != up
		})
		run(t, "/", "svc", "-d", dir)
		awaitDown(t, dir)
		run(t, "/", "svc", "-u", dir)
		up = awaitUp(t, dir)
		want := []string{"boot " + dir, "crash " + dir}
		if got := lines(t, dir+"/reasons"); !slices.Equal(got, want) {
			t.Errorf("start has run because of %q, want %q", got, want)
		}
		if status, _ := protocol.ReadStatus(dir); verdict.Of(status) {
			t.Errorf("the verdict %+v is about pid %d", verdict, up)
		}
	})
}

// TestStartScriptFails has one that fails, and one that takes the service down
// before, as that of the mission does.
func TestStartScriptFails(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, script string
		why          string
		state        string
	}{
		{"by its exit code", "exit 3", "exit code 3", "up"},
		{"by a signal", "kill -SEGV $$", "killed by SIGSEGV", "up"},
		{"and gives up", "svc -d .; until svstat . | grep -q ': down'; do sleep 0.05; done; exit 1", "exit code 1", "down"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			keepers(t, func(t *testing.T, keep func(*testing.T, string) *daemon) {
				t.Parallel()
				scan := t.TempDir()
				dir := scan + "/x"
				writeService(t, dir, forever, "start", "#!/bin/sh\n"+c.script+"\n")
				d := keep(t, scan)
				d.awaitSaid("supervise: warning: x/start has failed: " + c.why + "\n")
				v := awaitVerdict(t, dir)
				if v.OK || v.Why != c.why {
					t.Errorf("the verdict is %+v, want %q", v, c.why)
				}
				if c.state == "down" {
					awaitDown(t, dir)
				} else {
					awaitUp(t, dir)
				}
			})
		})
	}
}

// TestStartScriptGoesOn has a service that crashes while it is being verified:
// the same script verifies the next instance. So one that gives up after a
// while does so, however often the service crashes.
func TestStartScriptGoesOn(t *testing.T) {
	t.Parallel()
	keepers(t, func(t *testing.T, keep func(*testing.T, string) *daemon) {
		t.Parallel()
		scan := t.TempDir()
		dir := scan + "/x"
		writeService(t, dir, noteStart+"test -e repaired || exit 1\n: >works\nexec sleep 100000\n",
			"start", "#!/bin/sh\necho $$ >>scripts\nuntil test -e works; do sleep 0.1; done\n")
		keep(t, scan)
		eventually(t, "three starts", func() bool { return len(startTicks(t, dir)) >= 3 })
		check(t, os.WriteFile(dir+"/repaired", nil, 0o644))
		if v := awaitVerdict(t, dir); !v.OK || v.Reason != protocol.ReasonBoot {
			t.Errorf("the verdict is %+v, want ok since the boot", v)
		}
		if got := lines(t, dir+"/scripts"); len(got) != 1 {
			t.Errorf("scripts %q have run, want one", got)
		}
	})
}

// TestStartScriptEndsWithTheService takes a service down, or its supervisor,
// that is being verified. The script, what it has started and its lock go, too.
func TestStartScriptEndsWithTheService(t *testing.T) {
	t.Parallel()
	for option, why := range map[string]string{"-d": "still running 5s after the service was taken down", "-dx": ""} {
		t.Run("svc "+option, func(t *testing.T) {
			t.Parallel()
			keepers(t, func(t *testing.T, keep func(*testing.T, string) *daemon) {
				t.Parallel()
				scan := t.TempDir()
				dir := scan + "/x"
				writeService(t, dir, forever, "start", "#!/bin/sh\ntrap '' CONT\n(trap '' TERM; exec sleep 100000) & echo $$ $! >>pids; wait\n")
				keep(t, scan)
				var pids []string
				eventually(t, "the script runs", func() bool {
					pids = strings.Fields(strings.Join(lines(t, dir+"/pids"), " "))
					return len(pids) == 2
				})
				run(t, "/", "svc", option, dir)
				for _, text := range pids {
					pid, _ := strconv.Atoi(text)
					eventually(t, "process "+text+" of the script has gone", func() bool { return !alive(pid) })
				}
				eventually(t, "its lock has gone", func() bool { return !protocol.StartClaimed(dir) })
				if v, err := protocol.ReadVerdict(dir); (err == nil) != (why != "") || v.OK || v.Why != why {
					t.Errorf("the verdict is %+v, %v; want %q", v, err, why)
				}
			})
		})
	}
}

// TestStartScriptWaitsForNobody has svcstart verify a start while the service
// crashes: the supervisor does not verify it as well.
func TestStartScriptWaitsForNobody(t *testing.T) {
	t.Parallel()
	keepers(t, func(t *testing.T, keep func(*testing.T, string) *daemon) {
		t.Parallel()
		scan := t.TempDir()
		dir := scan + "/x"
		writeService(t, dir, forever, "start", "#!/bin/sh\necho $SVC_REASON >>reasons\n", "down", "")
		keep(t, scan)
		awaitDown(t, dir)
		lock, _, err := protocol.ClaimStart(dir, false)
		check(t, err)
		run(t, "/", "svc", "-u", dir)
		up := awaitUp(t, dir)
		check(t, unix.Kill(up, unix.SIGKILL))
		eventually(t, "there is another instance", func() bool { now := pid(t, dir); return now > 0 && now != up })
		check(t, unix.Close(lock))
		up = awaitUp(t, dir)
		check(t, unix.Kill(up, unix.SIGKILL))
		eventually(t, "the one after that is verified", func() bool { return len(lines(t, dir+"/reasons")) > 0 })
		if got := lines(t, dir+"/reasons"); len(got) != 1 {
			t.Errorf("start has run because of %q, want crash", got)
		}
	})
}

func TestStartScriptCannotBeRun(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		make func(t *testing.T, start string)
		want string
	}{
		{"not executable", func(t *testing.T, start string) { check(t, os.WriteFile(start, nil, 0o644)) }, "access denied"},
		{"a directory", func(t *testing.T, start string) { check(t, os.Mkdir(start, 0o755)) }, "is a directory"},
		{"no interpreter", func(t *testing.T, start string) {
			check(t, os.WriteFile(start, []byte("\x7fELF"), 0o755))
		}, "exec format error"},
		{"a link to itself", func(t *testing.T, start string) { check(t, os.Symlink("start", start)) }, "symbolic link loop"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			keepers(t, func(t *testing.T, keep func(*testing.T, string) *daemon) {
				t.Parallel()
				scan := t.TempDir()
				dir := scan + "/x"
				writeService(t, dir, forever)
				c.make(t, dir+"/start")
				d := keep(t, scan)
				up := awaitUp(t, dir)
				want := "supervise: warning: unable to run x/start: " + c.want + "\n"
				d.awaitSaid(want)
				if v := awaitVerdict(t, dir); v.OK || v.Why != c.want {
					t.Errorf("the verdict is %+v, want %q", v, c.want)
				}
				check(t, unix.Kill(up, unix.SIGKILL))
				eventually(t, "it is started again", func() bool { now := pid(t, dir); return now > 0 && now != up })
				if got := d.said(); got != want {
					t.Errorf("says %q, want %q", got, want)
				}
			})
		})
	}
}

// TestStartScriptSpeaks has its output go where that of the service goes, or,
// without a log, where messages go.
func TestStartScriptSpeaks(t *testing.T) {
	t.Parallel()
	modes(t, func(t *testing.T, options ...string) {
		t.Parallel()
		scan := t.TempDir()
		const start = "#!/bin/sh\necho out\necho error >&2\n"
		writeService(t, scan+"/logged", forever, "start", start, "log/run", "#!/bin/sh\nexec cat >>lines\n")
		writeService(t, scan+"/plain", forever, "start", start)
		d := startSvscan(t, scan, options...)
		eventually(t, "the log has it", func() bool {
			return slices.Equal(lines(t, scan+"/logged/log/lines"), []string{"out", "error"})
		})
		d.awaitSaid("error\n")
		if got, want := d.said(), "out\nerror\n"; got != want {
			t.Errorf("svscan says %q, want %q", got, want)
		}
	})
}

// TestStopScript ends the supervisor. The stop script stops the service, and
// what it leaves is stopped after it.
func TestStopScript(t *testing.T) {
	t.Parallel()
	const untilTERM = "#!/bin/sh\ntrap 'echo TERM >>journal; exit' TERM\ntest ! -e pid || echo again >>journal\necho $$ >pid\nwhile :; do sleep 0.1; done\n"
	for _, c := range []struct {
		name, script string
		want         []string
	}{
		{"stops", "svc -d .; until svstat . | grep -q ': down'; do sleep 0.05; done; echo done >>journal", []string{"shutdown", "TERM", "done"}},
		{"kills it", "kill -KILL $(cat pid); until svstat . | grep -q ': down [2-9]'; do sleep 0.05; done; echo done >>journal", []string{"shutdown", "done"}},
		{"leaves it", "echo done >>journal; exit 1", []string{"shutdown", "done", "TERM"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			keepers(t, func(t *testing.T, keep func(*testing.T, string) *daemon) {
				t.Parallel()
				scan := t.TempDir()
				dir := scan + "/x"
				writeService(t, dir, untilTERM, "stop", "#!/bin/sh\necho $SVC_REASON >>journal\n"+c.script+"\n")
				d := keep(t, scan)
				eventually(t, "it is ready", func() bool { return len(lines(t, dir+"/pid")) > 0 })
				d.signal(unix.SIGTERM)
				d.signal(unix.SIGTERM) // which makes it no worse
				if code := d.wait(); code != 0 {
					t.Errorf("ends with %d, want 0", code)
				}
				if got := lines(t, dir+"/journal"); !slices.Equal(got, c.want) {
					t.Errorf("the journal is %q, want %q", got, c.want)
				}
			})
		})
	}
	t.Run("is not for what was removed", func(t *testing.T) {
		t.Parallel()
		modes(t, func(t *testing.T, options ...string) {
			t.Parallel()
			scan, other := t.TempDir(), t.TempDir()
			writeService(t, other+"/x", forever, "stop", "#!/bin/sh\necho stop >>journal\n")
			check(t, os.Symlink(other+"/x", scan+"/x"))
			startSvscan(t, scan, options...)
			up := awaitUp(t, other+"/x")
			writeService(t, other+"/y", forever)
			check(t, os.Symlink(other+"/y", scan+"/.x"))
			check(t, os.Rename(scan+"/.x", scan+"/x"))
			eventually(t, "the old one has gone", func() bool { return !alive(up) })
			awaitUp(t, other+"/y")
			if got := lines(t, other+"/x/journal"); len(got) != 0 {
				t.Errorf("the stop script has run: %q", got)
			}
		})
	})
}

// TestMarker has a service find its directory in the environment.
func TestMarker(t *testing.T) {
	t.Parallel()
	modes(t, func(t *testing.T, options ...string) {
		t.Parallel()
		scan := t.TempDir()
		const tell = "#!/bin/sh\necho $SVC_DIR $SVC_REASON >marker\nexec sleep 100000\n"
		writeService(t, scan+"/a", tell, "log/run", tell)
		// As if svscan were itself a service that a start script has begun.
		startDaemon(t, "/", append([]string{"env"}, append([]string{"SVC_DIR=/elsewhere", "SVC_REASON=crash", "svscan"}, append(options, scan)...)...)...)
		for _, dir := range []string{scan + "/a", scan + "/a/log"} {
			eventually(t, dir+" tells", func() bool { return len(lines(t, dir+"/marker")) > 0 })
			if got := lines(t, dir+"/marker")[0]; strings.TrimSpace(got) != dir {
				t.Errorf("the marker of %s is %q", dir, got)
			}
		}
	})
}
