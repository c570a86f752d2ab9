package integration

import (
	"os"
	"os/exec"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// TestRace runs svscan under the race detector through the events of a life:
// crashes, commands, a service replaced, and the end.
func TestRace(t *testing.T) {
	path := buildRace(t) + ":" + os.Getenv("PATH")
	t.Run("hosted", func(t *testing.T) { testRace(t, path, 150) }) // more than a table of descriptors holds
	t.Run("forked", func(t *testing.T) { testRace(t, path, 5, "-p") })
}

// buildRace returns a directory with an svscan and a supervise that have the
// race detector in them.
func buildRace(t *testing.T) string {
	t.Helper()
	if _, err := exec.LookPath("cc"); err != nil {
		t.Skip("cc is missing: the race detector needs a C compiler")
	}
	dir := t.TempDir()
	build := exec.Command("go", "build", "-race", "-tags", "urfave_cli_no_docs", "-o", dir+"/svscan", "syn3d")
	build.Env = append(os.Environ(), "CGO_ENABLED=1")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	check(t, os.Symlink("svscan", dir+"/supervise"))
	return dir
}

func testRace(t *testing.T, path string, services int, options ...string) {
	scan := t.TempDir()
	names := numbered("s", services)
	for _, name := range names {
		writeService(t, scan+"/"+name, forever)
	}
	writeService(t, scan+"/x", talkative, "log/run", "#!/bin/sh\nexec cat\n")
	argv := append([]string{"env", "PATH=" + path, "svscan"}, options...)
	svscan := startDaemon(t, "/", append(argv, scan)...)
	up := awaitAllUp(t, scan, names, nil)
	for _, pid := range up {
		unix.Kill(pid, unix.SIGKILL)
	}
	awaitAllUp(t, scan, names, up)

	check(t, os.RemoveAll(scan+"/s-0000"))
	writeService(t, scan+"/s-0000", forever)
	svscan.signal(unix.SIGHUP)
	svscan.awaitSaid("s-0000 is another directory now")
	run(t, scan, "svc", "-dx", "s-0001", "s-0002")
	awaitUp(t, scan+"/s-0000")
	awaitUp(t, scan+"/x/log")
	svscan.signal(unix.SIGTERM)
	if code := svscan.wait(); code != 0 || strings.Contains(svscan.said(), "DATA RACE") {
		t.Errorf("svscan ends with %d, and has said:\n%s", code, svscan.said())
	}
}
