package integration

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// A replacement puts another service directory, with the run script script,
// in the place of scan/x, which was made by setUp.
type replacement struct {
	name           string
	setUp, replace func(t *testing.T, scan, elsewhere, script string)
}

var replacements = []replacement{
	{"removed and made anew", writeX, func(t *testing.T, scan, _, script string) {
		check(t, os.RemoveAll(scan+"/x"))
		writeService(t, scan+"/x", script)
	}},
	{"hidden and made anew", writeX, func(t *testing.T, scan, _, script string) {
		check(t, os.Rename(scan+"/x", scan+"/.x"))
		writeService(t, scan+"/x", script)
	}},
	{"moved away, another moved in", writeX, func(t *testing.T, scan, elsewhere, script string) {
		writeService(t, elsewhere+"/new", script)
		check(t, os.Rename(scan+"/x", elsewhere+"/old"))
		check(t, os.Rename(elsewhere+"/new", scan+"/x"))
	}},
	{"link to another directory", linkX, func(t *testing.T, scan, elsewhere, script string) {
		writeService(t, elsewhere+"/new", script)
		check(t, os.Symlink(elsewhere+"/new", scan+"/.x"))
		check(t, os.Rename(scan+"/.x", scan+"/x"))
	}},
	{"target of a link removed and made anew", linkX, func(t *testing.T, scan, elsewhere, script string) {
		check(t, os.RemoveAll(elsewhere+"/target"))
		writeService(t, elsewhere+"/target", script)
	}},
	{"target of a link moved, another moved in", linkX, func(t *testing.T, scan, elsewhere, script string) {
		writeService(t, elsewhere+"/new", script)
		check(t, os.Rename(elsewhere+"/target", elsewhere+"/old"))
		check(t, os.Rename(elsewhere+"/new", elsewhere+"/target"))
	}},
	{"link on the way switched", linkThroughLinks, func(t *testing.T, scan, elsewhere, script string) {
		writeService(t, elsewhere+"/2/x", script)
		relink(t, "2", elsewhere+"/current")
	}},
	{"first of several links on the way switched", linkThroughLinks, func(t *testing.T, scan, elsewhere, script string) {
		writeService(t, elsewhere+"/2/x", script)
		relink(t, elsewhere+"/2", elsewhere+"/now")
	}},
	{"link turned into a directory", linkX, func(t *testing.T, scan, _, script string) {
		check(t, os.Remove(scan+"/x"))
		writeService(t, scan+"/x", script)
	}},
}

func writeX(t *testing.T, scan, _, script string) { writeService(t, scan+"/x", script) }

func linkX(t *testing.T, scan, elsewhere, script string) {
	writeService(t, elsewhere+"/target", script)
	check(t, os.Symlink(elsewhere+"/target", scan+"/x"))
}

// linkThroughLinks makes scan/x a link whose target is reached through a
// relative link, which is reached through an absolute one.
func linkThroughLinks(t *testing.T, scan, elsewhere, script string) {
	writeService(t, elsewhere+"/1/x", script)
	check(t, os.Symlink("1", elsewhere+"/current"))
	check(t, os.Symlink(elsewhere+"/current/", elsewhere+"/now"))
	check(t, os.Symlink(elsewhere+"/now/x", scan+"/x"))
}

const replaced = "svscan: warning: x is another directory now: stopping the service of the old one\n"

// TestReplaced replaces a service directory while its service runs. The old
// one is stopped and the new one started, and never do both run at once.
func TestReplaced(t *testing.T) {
	t.Parallel()
	for _, r := range replacements {
		t.Run(r.name, func(t *testing.T) {
			t.Parallel()
			modes(t, func(t *testing.T, options ...string) {
				t.Parallel()
				scan, elsewhere, journal := t.TempDir(), t.TempDir(), t.TempDir()+"/journal"
				r.setUp(t, scan, elsewhere, witness(journal, untilTold))
				svscan := startSvscan(t, scan, options...)
				old := awaitSleep(t, scan+"/x")

				r.replace(t, scan, elsewhere, witness(journal, "exec sleep 200000\n"))
				fresh := awaitArgument(t, scan+"/x", "200000")
				if got := fmt.Sprint(starts(t, journal)); got != fmt.Sprint([]int{old, fresh}) {
					t.Errorf("started as %s, want %d and %d", got, old, fresh)
				}
				if alive(old) {
					t.Errorf("the old service, process %d, still runs", old)
				}
				if n := strings.Count(svscan.awaitSaid(replaced), replaced); n != 1 {
					t.Errorf("svscan says %d times that x is another directory, want once:\n%s", n, svscan.said())
				}
			})
		})
	}
}

// TestReplacedWaits has an old service that does not end on TERM. While it
// runs the new one waits, also when it is replaced itself.
func TestReplacedWaits(t *testing.T) {
	t.Parallel()
	modes(t, func(t *testing.T, options ...string) {
		t.Parallel()
		scan, journal := t.TempDir(), t.TempDir()+"/journal"
		writeService(t, scan+"/x", witness(journal, stubborn))
		svscan := startSvscan(t, scan, options...)
		old := awaitSleep(t, scan+"/x")
		for _, argument := range []string{"200000", "300000"} {
			check(t, os.RemoveAll(scan+"/x"))
			writeService(t, scan+"/x", witness(journal, "exec sleep "+argument+"\n"))
			awaitScan(t, svscan, scan)
		}
		if got := fmt.Sprint(starts(t, journal)); got != fmt.Sprint([]int{old}) || !alive(old) {
			t.Fatalf("started as %s, alive %v, want only %d, alive", got, alive(old), old)
		}
		unix.Kill(old, unix.SIGKILL)
		fresh := awaitArgument(t, scan+"/x", "300000")
		if got := fmt.Sprint(starts(t, journal)); got != fmt.Sprint([]int{old, fresh}) {
			t.Errorf("started as %s, want %d and %d", got, old, fresh)
		}
		if n := strings.Count(svscan.awaitSaid(replaced), replaced); n != 1 {
			t.Errorf("svscan says %d times that x is another directory, want once:\n%s", n, svscan.said())
		}
	})
}

// TestReplacedWithLog sees the log of the old service read everything before
// it ends, and the new service get a log of its own.
func TestReplacedWithLog(t *testing.T) {
	t.Parallel()
	modes(t, func(t *testing.T, options ...string) {
		t.Parallel()
		scan, log := t.TempDir(), t.TempDir()+"/lines"
		reader := "#!/bin/sh\nexec cat >>" + log + "\n"
		writeService(t, scan+"/x", talkative, "log/run", reader)
		startSvscan(t, scan, options...)
		eventually(t, "the service is ready", func() bool { return lines(t, scan+"/x/journal") != nil })

		check(t, os.Rename(scan+"/x", scan+"/.x"))
		writeService(t, scan+"/x", "#!/bin/sh\necho fresh-0000\n"+untilTold, "log/run", reader)
		awaitSleep(t, scan+"/x")
		words := slices.Concat(numbered("hello", 1000), numbered("bye", 1000), numbered("fresh", 1))
		eventually(t, "the log has it all", func() bool { return len(lines(t, log)) >= len(words) })
		if absent := missing(t, log, words); absent != nil {
			t.Errorf("the log lacks %q", absent)
		}
	})
}
