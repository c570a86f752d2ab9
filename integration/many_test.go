package integration

import (
	"os"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// TestManyServices has ten thousand services in one scan directory, with a
// common hard limit of descriptors. All come up, and all go.
func TestManyServices(t *testing.T) {
	const services = 10_000
	scan := t.TempDir()
	if os.Getuid() == 0 { // what a disk takes for as many files is not the question
		mountTmpfs(t, scan, "size=1g")
	}
	writeService(t, scan+"/.first", forever)
	names := numbered("s", services)
	for _, name := range names {
		check(t, os.Mkdir(scan+"/"+name, 0o755))
		check(t, os.Link(scan+"/.first/run", scan+"/"+name+"/run"))
	}
	svscan := startDaemon(t, "/", "prlimit", "--nofile=4096:4096", "svscan", scan)
	started := func() int { return len(children(svscan.cmd.Process.Pid)) }
	awaitCount(t, "started services", started, services)
	eventually(t, "all are up", func() bool { return len(pids(t, scan, names)) == services })
	svscan.signal(unix.SIGTERM)
	awaitCount(t, "services left", started, 0)
	if code := svscan.wait(); code != 0 {
		t.Errorf("svscan ends with %d on TERM, want 0", code)
	}
	if left := processesIn("sleep")[scan]; left != nil {
		t.Errorf("%d services survive svscan", len(left))
	}
	if said := svscan.said(); said != "" {
		t.Errorf("svscan says %q, want nothing", said)
	}
}

// awaitCount waits until a count that takes its time is what it should be. It
// gives up when that has not changed for long.
func awaitCount(t *testing.T, what string, count func() int, want int) {
	t.Helper()
	last, changed := count(), time.Now()
	for last != want {
		time.Sleep(20 * glance) // to count is work, too
		if now := count(); now != last {
			last, changed = now, time.Now()
		}
		if time.Since(changed) > 3*patience {
			t.Fatalf("%s: %d and no more changes, want %d", what, last, want)
		}
	}
}
