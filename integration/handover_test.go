package integration

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// quietSignals returns what /proc tells of the signals that a process blocks or
// ignores.
func quietSignals(pid int) (found []string) {
	for line := range strings.Lines(procFile(pid, "status")) {
		if strings.HasPrefix(line, "SigBlk:") || strings.HasPrefix(line, "SigIgn:") {
			found = append(found, line)
		}
	}
	return found
}

// TestSignalsWhileUpgrading sends svscan signals all the time while it executes
// its program again and again. It lives on, and what it starts afterwards finds
// signals as they were.
func TestSignalsWhileUpgrading(t *testing.T) {
	modes(t, func(t *testing.T, options ...string) {
		t.Parallel()
		scan, program := t.TempDir(), ownCopy(t)
		writeService(t, scan+"/x", forever)
		d := startDaemon(t, "/", append(append([]string{program + "/svscan"}, options...), scan)...)
		before := awaitSleep(t, scan+"/x")
		want := quietSignals(before)
		eventually(t, "svscan catches USR2", func() bool { return catches(d.cmd.Process.Pid, unix.SIGUSR2) })

		const upgrades = 100
		environments := map[string]bool{} // another one for each
		signals := []unix.Signal{unix.SIGHUP, unix.SIGALRM, unix.SIGUSR1, unix.SIGPIPE, unix.SIGPWR, unix.SIGUSR2}
		random := rand.New(rand.NewPCG(5, 6))
		eventually(t, "it has been upgraded often", func() bool {
			for range 20 {
				d.signal(signals[random.IntN(len(signals))])
				time.Sleep(time.Duration(random.IntN(400)) * time.Microsecond)
			}
			environments[procFile(d.cmd.Process.Pid, "environ")] = true
			return len(environments) > upgrades || d.ended()
		})
		if d.ended() {
			t.Fatalf("svscan has ended: %v", d.cmd.ProcessState)
		}
		if got := awaitUp(t, scan+"/x"); got != before {
			t.Errorf("the service is up as %d, want %d", got, before)
		}
		check(t, unix.Kill(before, unix.SIGKILL))
		var after int
		eventually(t, "there is another instance", func() bool { after = pid(t, scan+"/x"); return after > 0 && after != before })
		after = awaitSleep(t, scan+"/x")
		if got := quietSignals(after); fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("an instance has %q, want %q", got, want)
		}
	})
}

// TestEndWhileUpgrading tells svscan to end at all moments of an upgrade. It
// does, and in order.
func TestEndWhileUpgrading(t *testing.T) {
	modes(t, func(t *testing.T, options ...string) {
		t.Parallel()
		signals := []unix.Signal{unix.SIGTERM, unix.SIGINT, unix.SIGQUIT}
		for i := range 40 {
			scan := t.TempDir()
			writeService(t, scan+"/x", "#!/bin/sh\ntrap 'echo end >>ends; exit' TERM\n: >ready; while :; do sleep 100000 & wait; done\n")
			d := startSvscan(t, scan, options...)
			eventually(t, "the service is ready", func() bool { return exists(scan + "/x/ready") })
			d.signal(unix.SIGUSR2)
			time.Sleep(time.Duration(i) * 250 * time.Microsecond)
			d.signal(signals[i%len(signals)])
			if code := d.wait(); code != 0 {
				t.Fatalf("moment %d: svscan ends with %d, want 0; it has said %q", i, code, d.said())
			}
			if got := lines(t, scan+"/x/ends"); len(got) != 1 {
				t.Fatalf("moment %d: the service has ended %d times, want once", i, len(got))
			}
		}
	})
}
