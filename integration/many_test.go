package integration

import (
	"fmt"
	"os"
	"testing"

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
	for n := 1000; n <= services; n += 1000 {
		eventually(t, fmt.Sprintf("%d services run", n), func() bool { return started() >= n })
	}
	eventually(t, "all are up", func() bool { return len(pids(t, scan, names)) == services })
	if n := started(); n != services {
		t.Errorf("svscan has %d children, want %d", n, services)
	}
	svscan.signal(unix.SIGTERM)
	for n := services - 1000; n >= 0; n -= 1000 {
		eventually(t, fmt.Sprintf("%d services run", n), func() bool { return started() <= n })
	}
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
