package integration

import (
	"testing"

	"golang.org/x/sys/unix"
)

// TestMultilogSignals sends signals to which multilog pays no attention: the
// Go runtime would print the stacks of all goroutines, or ignore them.
func TestMultilogSignals(t *testing.T) {
	for _, signal := range []unix.Signal{unix.SIGQUIT, unix.SIGABRT, unix.SIGUSR1, unix.SIGUSR2, unix.SIGXCPU, unix.SIGHUP} {
		t.Run(unix.SignalName(signal), func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			l := startMultilog(t, dir, "./log")
			eventually(t, "the log is open", func() bool { return exists(dir + "/log/current") })
			l.signal(signal)
			if code, said := l.wait(), l.said(); code != 128+int(signal) || said != "" {
				t.Errorf("multilog ends with %d and says %q, want %d, nothing", code, said, 128+int(signal))
			}
		})
	}
	t.Run("ignored", func(t *testing.T) {
		t.Parallel()
		d := startDaemon(t, t.TempDir(), "/bin/sh", "-c", "trap '' QUIT USR1; mkfifo input; multilog ./log <input & exec 3>input; until [ -e log/current ]; do sleep .01; done; kill -QUIT $!; kill -USR1 $!; echo x >&3; exec 3>&-; wait $!; cat log/current >&2")
		if code, said := d.wait(), d.said(); code != 0 || said != "x\n" {
			t.Errorf("it ends with %d and says %q, want 0, x", code, said)
		}
	})
}
