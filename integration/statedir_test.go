package integration

import (
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// TestSuperviseDir keeps the state of services elsewhere. Supervisors and
// commands find it there, and nothing is made in the service directories.
func TestSuperviseDir(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name     string
		stateDir func(t *testing.T) string
	}{
		{"by another name", func(*testing.T) string { return "state" }},
		{"in another directory", func(t *testing.T) string { return t.TempDir() + "/missing/yet" }},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			modes(t, func(t *testing.T, options ...string) {
				t.Parallel()
				scan, stateDir := t.TempDir(), c.stateDir(t)
				elsewhere := strings.HasPrefix(stateDir, "/")
				with := func(argv ...string) []string {
					return append([]string{"env", "SUPERVISEDIR=" + stateDir}, argv...)
				}
				writeService(t, scan+"/x", forever, "log/run", "#!/bin/sh\nexec cat\n")
				svscan := append(append([]string{"svscan"}, options...), scan)
				d := startDaemon(t, "/", with(svscan...)...)
				var up string
				isUp := func() bool {
					up = run(t, scan, with("svstat", "x")...).out
					return strings.HasPrefix(up, "x: up ")
				}
				eventually(t, "svstat says that it is up", isUp)
				if got := run(t, scan, "svok", "x").code; got != 100 {
					t.Errorf("svok without SUPERVISEDIR exits %d, want 100", got)
				}
				if exists(scan + "/x/supervise") {
					t.Error("there is a directory supervise")
				}
				if elsewhere && !exists(stateDir+"/"+strings.ReplaceAll(scan, "/", ":")+":x:log/status") {
					t.Error("there is no status of the log where it should be")
				}
				before, _, _ := strings.Cut(up, ")")
				if len(options) == 0 {
					d.kill()
					d = startDaemon(t, "/", with(svscan...)...)
					eventually(t, "it is supervised again", func() bool { return run(t, scan, with("svok", "x")...).code == 0 })
					if after, _, _ := strings.Cut(run(t, scan, with("svstat", "x")...).out, ")"); after != before {
						t.Errorf("after a kill of svscan, svstat = %q, want %q", after, before)
					}
				}
				if got := run(t, scan, with("svcstop", "./x")...); got.code != 0 {
					t.Errorf("svcstop = %+v", got)
				}
				d.signal(unix.SIGTERM)
				if code := d.wait(); code != 0 {
					t.Errorf("svscan ends with %d, want 0", code)
				}
			})
		})
	}
}
