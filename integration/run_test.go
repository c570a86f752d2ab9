package integration

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// TestRunCannotBeRun has a service whose ./run cannot be executed. This is
// said once, in the words of the original, and the service starts as soon as
// somebody has repaired it.
func TestRunCannotBeRun(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name string
		make func(t *testing.T, run string)
		want string
	}{
		{"missing", func(*testing.T, string) {}, "file does not exist"},
		{"not executable", func(t *testing.T, run string) {
			check(t, os.WriteFile(run, []byte(forever), 0o644))
		}, "access denied"},
		{"directory", func(t *testing.T, run string) {
			check(t, os.Mkdir(run, 0o755))
		}, "access denied"},
		{"missing interpreter", func(t *testing.T, run string) {
			check(t, os.WriteFile(run, []byte("#!/does/not/exist\n"), 0o755))
		}, "file does not exist"},
		{"no interpreter", func(t *testing.T, run string) {
			check(t, os.WriteFile(run, []byte("exec sleep 100000\n"), 0o755))
		}, "exec format error"},
		{"empty", func(t *testing.T, run string) {
			check(t, os.WriteFile(run, nil, 0o755))
		}, "exec format error"},
		{"link to nothing", func(t *testing.T, run string) {
			check(t, os.Symlink("nothing", run))
		}, "file does not exist"},
		{"link to itself", func(t *testing.T, run string) {
			check(t, os.Symlink("run", run))
		}, "symbolic link loop"},
		{"still open for writing", func(t *testing.T, run string) {
			check(t, os.WriteFile(run, []byte(forever), 0o755))
			writer, err := os.OpenFile(run, os.O_WRONLY, 0)
			check(t, err)
			t.Cleanup(func() { writer.Close() })
		}, "text busy"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			keepers(t, func(t *testing.T, keep func(*testing.T, string) *daemon) {
				t.Parallel()
				scan := t.TempDir()
				writeService(t, scan+"/other", forever)
				check(t, os.Mkdir(scan+"/x", 0o755))
				c.make(t, scan+"/x/run")
				d := keep(t, scan)
				want := "supervise: fatal: unable to start x/run: " + c.want + "\n"
				eventually(t, "it is said", func() bool { return d.said() != "" })
				if got := run(t, scan, "svstat", "x").out; !strings.HasPrefix(got, "x: down ") || !strings.HasSuffix(got, ", normally up, want up\n") {
					t.Errorf("svstat = %q, want down, normally up, want up", got)
				}

				writeService(t, scan+"/.x", forever)
				check(t, os.RemoveAll(scan+"/x/run"))
				check(t, os.Rename(scan+"/.x/run", scan+"/x/run"))
				awaitUp(t, scan+"/x")
				// Between its removal and its repair it may have been missing.
				got := strings.TrimSuffix(d.said(), "supervise: fatal: unable to start x/run: file does not exist\n")
				if got != want && !(got == "" && strings.HasSuffix(want, "file does not exist\n")) {
					t.Errorf("says %q, want %q", got, want)
				}
				if d.ended() {
					t.Error("it has ended, want it to go on")
				}
			})
		})
	}
}

// TestRunRepairedAndTold repairs run and tells the supervisor so: it tries at
// once, for this command does not wait for the time between two starts.
func TestRunRepairedAndTold(t *testing.T) {
	t.Parallel()
	keepers(t, func(t *testing.T, keep func(*testing.T, string) *daemon) {
		t.Parallel()
		scan := t.TempDir()
		check(t, os.Mkdir(scan+"/x", 0o755))
		d := keep(t, scan)
		eventually(t, "it is said that run is missing", func() bool { return d.said() != "" })
		// Down, it does not try by itself.
		run(t, scan, "svc", "-d", "x")
		eventually(t, "the service is wanted down", func() bool {
			return strings.HasSuffix(run(t, scan, "svstat", "x").out, " seconds, normally up\n")
		})
		writeService(t, scan+"/x", forever)
		run(t, scan, "svc", "-u", "x")
		awaitUp(t, scan+"/x")
	})
}

// TestDownFile has a file down, of any type: it counts when a supervisor
// starts and never again.
func TestDownFile(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name     string
		make     func(t *testing.T, down string)
		wantDown bool
	}{
		{"file", func(t *testing.T, down string) { check(t, os.WriteFile(down, nil, 0o644)) }, true},
		{"directory", func(t *testing.T, down string) { check(t, os.Mkdir(down, 0o755)) }, true},
		{"FIFO", func(t *testing.T, down string) { check(t, unix.Mkfifo(down, 0o644)) }, true},
		{"link to something", func(t *testing.T, down string) { check(t, os.Symlink("run", down)) }, true},
		{"link to nothing", func(t *testing.T, down string) { check(t, os.Symlink("nothing", down)) }, false},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			keepers(t, func(t *testing.T, keep func(*testing.T, string) *daemon) {
				t.Parallel()
				scan, journal := t.TempDir(), t.TempDir()+"/journal"
				writeService(t, scan+"/x", witness(journal, untilTold))
				c.make(t, scan+"/x/down")
				keep(t, scan)
				if !c.wantDown {
					awaitSleep(t, scan+"/x")
					return
				}
				awaitDown(t, scan+"/x")
				check(t, os.RemoveAll(scan+"/x/down"))
				run(t, scan, "svc", "-u", "x")
				up := awaitSleep(t, scan+"/x")
				if got := fmt.Sprint(starts(t, journal)); got != fmt.Sprint([]int{up}) {
					t.Errorf("started as %s, want only %d", got, up)
				}
			})
		})
	}
}

// TestSuperviseEnds ends a supervise that runs alone. Told only to exit, it
// does so when the service ends, for whatever reason.
func TestSuperviseEnds(t *testing.T) {
	t.Parallel()
	tell := func(options ...string) func(*testing.T, *daemon, string) {
		return func(t *testing.T, _ *daemon, dir string) {
			for _, option := range options {
				run(t, "/", "svc", option, dir)
			}
		}
	}
	cases := map[string]func(t *testing.T, d *daemon, dir string){
		"TERM":            func(_ *testing.T, d *daemon, _ string) { d.signal(unix.SIGTERM) },
		"INT":             func(_ *testing.T, d *daemon, _ string) { d.signal(unix.SIGINT) },
		"QUIT":            func(_ *testing.T, d *daemon, _ string) { d.signal(unix.SIGQUIT) },
		"svc -dx":         tell("-dx"),
		"svc -xd":         tell("-xd"),
		"svc -x, then -k": tell("-x", "-k"),
		"svc -x, then -h": tell("-x", "-h"),
	}
	for name, end := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			scan, journal := t.TempDir(), t.TempDir()+"/journal"
			writeService(t, scan+"/x", witness(journal, untilTold))
			d := startDaemon(t, scan, "supervise", "x")
			up := awaitSleep(t, scan+"/x")
			end(t, d, scan+"/x")
			if code := d.wait(); code != 0 {
				t.Errorf("supervise ends with %d, want 0", code)
			}
			if alive(up) {
				t.Errorf("the service, process %d, survives", up)
			}
			if got := starts(t, journal); len(got) != 1 {
				t.Errorf("started as %v, want only %d", got, up)
			}
			const want = "x: supervise not running\n"
			if got := run(t, scan, "svstat", "x").out; got != want {
				t.Errorf("svstat = %q, want %q", got, want)
			}
		})
	}
}

// TestPause pauses a service. TERM reaches it only when it goes on, and down
// makes it go on.
func TestPause(t *testing.T) {
	t.Parallel()
	keepers(t, func(t *testing.T, keep func(*testing.T, string) *daemon) {
		t.Parallel()
		scan := t.TempDir()
		writeService(t, scan+"/x", forever)
		keep(t, scan)
		up := awaitSleep(t, scan+"/x")
		run(t, scan, "svc", "-p", "x")
		eventually(t, "it is paused", func() bool {
			return strings.HasSuffix(run(t, scan, "svstat", "x").out, " seconds, paused\n") && stopped(up)
		})
		run(t, scan, "svc", "-t", "x")
		if !stopped(up) {
			t.Error("TERM reaches the paused service")
		}
		run(t, scan, "svc", "-d", "x")
		awaitDown(t, scan+"/x")
	})
}

// stopped reports whether a process is stopped.
func stopped(pid int) bool {
	stat, _ := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	_, state, _ := strings.Cut(string(stat), ") ")
	return strings.HasPrefix(state, "T")
}
