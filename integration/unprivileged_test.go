package integration

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// startSvscanAs starts svscan as a user without rights, to whom it gives the
// scan directory and all in it.
func startSvscanAs(t *testing.T, uid int, scan string, options ...string) *daemon {
	t.Helper()
	if os.Getuid() != 0 {
		t.Skip("to become another user this test needs root")
	}
	readableByAll(t, bin)
	check(t, filepath.WalkDir(scan, func(name string, _ os.DirEntry, err error) error {
		check(t, err)
		return os.Lchown(name, uid, uid)
	}))
	argv := append(as(uid, "svscan"), options...)
	return startDaemon(t, "/", append(argv, scan)...)
}

// as returns the command that runs argv as a user.
func as(uid int, argv ...string) []string {
	id := fmt.Sprint(uid)
	return append([]string{"setpriv", "--reuid", id, "--regid", id, "--clear-groups"}, argv...)
}

// TestNoFork takes the right to fork from everything that has been started.
// That is said once for a service that wants to be started, commands are
// obeyed meanwhile, and it comes up when forks succeed again.
func TestNoFork(t *testing.T) {
	t.Parallel()
	modes(t, func(t *testing.T, options ...string) {
		t.Parallel()
		uid := 54321 + len(options) // processes are counted by user: each test needs one of its own
		scan := reachableDir(t)
		writeService(t, scan+"/x", forever)
		writeService(t, scan+"/other", forever)
		svscan := startSvscanAs(t, uid, scan, options...)
		before, other := awaitSleep(t, scan+"/x"), awaitSleep(t, scan+"/other")

		limitProcesses(t, uid, svscan.cmd.Process.Pid, "1:")
		check(t, unix.Kill(before, unix.SIGKILL))
		const want = "supervise: warning: unable to fork for x, trying again: temporary failure\n"
		svscan.awaitSaid(want)
		time.Sleep(2500 * time.Millisecond) // in which it is tried again, in silence
		if said := svscan.said(); strings.Count(said, want) != 1 {
			t.Errorf("svscan says %q, want once %q", said, want)
		}
		if now := pid(t, scan+"/other"); now != other {
			t.Errorf("the other service is process %d, was %d", now, other)
		}
		run(t, "/", "svc", "-d", scan+"/x")
		eventually(t, "x is wanted down", func() bool {
			return strings.HasSuffix(run(t, scan, "svstat", "x").out, " seconds, normally up\n")
		})
		run(t, "/", "svc", "-u", scan+"/x")
		eventually(t, "x is wanted up", func() bool {
			return strings.HasSuffix(run(t, scan, "svstat", "x").out, " seconds, normally up, want up\n")
		})

		limitProcesses(t, uid, svscan.cmd.Process.Pid, "1000:")
		awaitUp(t, scan+"/x")
	})
}

// limitProcesses limits for a process, and all that descend from it, how many
// processes their user may have. That user sets the limit: root may be in a
// container that does not let it.
func limitProcesses(t *testing.T, uid, pid int, limit string) {
	t.Helper()
	argv := as(uid, "prlimit", "--pid", fmt.Sprint(pid), "--nproc="+limit)
	if got := run(t, "/", argv...); got.code != 0 {
		t.Fatalf("%q = %v", argv, got)
	}
	for _, child := range children(pid) {
		limitProcesses(t, uid, child, limit)
	}
}

// TestNoAccess keeps a service directory from an svscan that is not root's. It
// says so, and takes it when it may.
func TestNoAccess(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		deny func(t *testing.T, dir string)
		want string
	}{
		{"directory", func(t *testing.T, dir string) {
			check(t, os.Chmod(dir, 0))
		}, "svscan: warning: unable to stat x/log: access denied\n"},
		{"state", func(t *testing.T, dir string) {
			check(t, os.Mkdir(dir+"/supervise", 0))
		}, "supervise: fatal: unable to acquire x/supervise/lock: access denied\n"},
		{"directory to write in", func(t *testing.T, dir string) {
			check(t, os.Chmod(dir, 0o555))
		}, "supervise: fatal: unable to acquire x/supervise/lock: file does not exist\n"},
		{"run", func(t *testing.T, dir string) {
			check(t, os.Chmod(dir+"/run", 0o600))
		}, "supervise: fatal: unable to start x/run: access denied\n"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			modes(t, func(t *testing.T, options ...string) {
				t.Parallel()
				scan := reachableDir(t)
				writeService(t, scan+"/x", forever)
				writeService(t, scan+"/other", forever)
				test.deny(t, scan+"/x")
				svscan := startSvscanAs(t, 54320, scan, options...)
				awaitUp(t, scan+"/other")
				svscan.awaitSaid(test.want)

				for _, name := range []string{"x", "x/run", "x/supervise"} {
					if err := os.Chmod(scan+"/"+name, 0o755); err != nil && !os.IsNotExist(err) {
						t.Fatal(err)
					}
				}
				awaitUp(t, scan+"/x")
			})
		})
	}
}

// TestRestartWithoutRights has somebody restart a service who may not even see
// whether it runs: he is not told that it does not.
func TestRestartWithoutRights(t *testing.T) {
	t.Parallel()
	scan := reachableDir(t)
	writeService(t, scan+"/x", forever)
	startSvscanAs(t, 0, scan)
	before := awaitUp(t, scan+"/x")
	got := run(t, "/", as(54330, "svcrestart", scan+"/x")...)
	want := result{"", "svcrestart: fatal: unable to control " + scan + "/x: access denied\n", 1}
	if got != want {
		t.Errorf("svcrestart = %+v, want %+v", got, want)
	}
	if now := pid(t, scan+"/x"); now != before {
		t.Errorf("the service is process %d, was %d", now, before)
	}
}
