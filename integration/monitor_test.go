package integration

import (
	"os"
	"slices"
	"strings"
	"testing"

	"syn3d/protocol"

	"golang.org/x/sys/unix"
)

// A monitor command that notes what it is told, and then does more. It writes
// each line at once, for that is how it is read.
func writeMonitor(t *testing.T, more string) (command, told string) {
	t.Helper()
	dir := t.TempDir()
	command, told = dir+"/command", dir+"/told"
	script := "#!/bin/sh\nIFS='|'; printf '%s\\n' \"$*\" >>" + told + "\n" + more
	check(t, os.WriteFile(command, []byte(script), 0o755))
	return command, told
}

// monitored keeps scan, with SYN3_STATE naming the command.
func monitored(t *testing.T, scan, command string, options ...string) *daemon {
	t.Helper()
	return startDaemon(t, "/", append([]string{"env"}, append([]string{"SYN3_STATE=" + command, "svscan"}, append(options, scan)...)...)...)
}

// TestReports has services that crash, and looks at what the monitor is told.
func TestReports(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		run   string
		files []string
		want  []string
	}{
		{"exit code", "exit 7\n", nil, []string{"x|CAUTION|Crashed: exit code 7"}},
		{"signal", "kill -SEGV $$\n", nil, []string{"x|CAUTION|Crashed: killed by SIGSEGV"}},
		{"on and on", "exit 1\n", nil, []string{"x|CAUTION|Crashed: exit code 1",
			"x|CRITICAL|Crashes again and again, next start in 4 s: exit code 1"}},
		{"works again", "test -e once || { : >once; exit 1; }\nexec sleep 100000\n", []string{"start", "#!/bin/sh\n"},
			[]string{"x|CAUTION|Crashed: exit code 1", "x|OK|Started"}},
		{"start script fails", "exec sleep 100000\n", []string{"start", "#!/bin/sh\nexit 1\n"},
			[]string{"x|CAUTION|Startup error"}},
		{"start script gives up and stays", "exec sleep 100000\n", []string{"start", "#!/bin/sh\nsvc -d .\nexec sleep 100000\n"},
			[]string{"x|CAUTION|Startup error"}},
		{"start script cannot be run", "exec sleep 100000\n", []string{"start", "\x7fELF"},
			[]string{"x|CAUTION|Startup error"}},
		{"cannot be run", "", []string{"run", "#!/nowhere\n"},
			[]string{"x|CAUTION|Unable to start: file does not exist"}},
		{"log", "exec sleep 100000\n", []string{"log/run", "#!/bin/sh\nexit 1\n"}, []string{"x-log|CAUTION|Crashed: exit code 1"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			modes(t, func(t *testing.T, options ...string) {
				t.Parallel()
				command, told := writeMonitor(t, "")
				scan := t.TempDir()
				writeService(t, scan+"/x", "#!/bin/sh\n"+c.run, c.files...)
				monitored(t, scan, command, options...)
				eventually(t, "the monitor is told", func() bool { return len(lines(t, told)) >= len(c.want) })
				got := lines(t, told)[:len(c.want)]
				if c.name == "on and on" && strings.HasPrefix(got[1], "x|CRITICAL|Crashes again and again, next start in ") {
					got[1] = c.want[1] // how long depends on how fast this machine is
				}
				if !slices.Equal(got, c.want) {
					t.Errorf("the monitor is told %q, want %q", got, c.want)
				}
			})
		})
	}
}

// TestReportsOfALink has a service and its log known by their name in the scan
// directory, wherever that leads.
func TestReportsOfALink(t *testing.T) {
	modes(t, func(t *testing.T, options ...string) {
		t.Parallel()
		command, told := writeMonitor(t, "")
		scan, target := t.TempDir(), t.TempDir()+"/target"
		writeService(t, target, "#!/bin/sh\nexit 1\n", "log/run", "#!/bin/sh\nexit 2\n")
		check(t, os.Symlink(target, scan+"/x"))
		monitored(t, scan, command, options...)
		eventually(t, "the monitor is told", func() bool { return len(lines(t, told)) >= 2 })
		got := lines(t, told)[:2]
		slices.Sort(got)
		if want := []string{"x-log|CAUTION|Crashed: exit code 2", "x|CAUTION|Crashed: exit code 1"}; !slices.Equal(got, want) {
			t.Errorf("the monitor is told %q, want %q", got, want)
		}
	})
}

// TestNoReports has what is none of the monitor's business.
func TestNoReports(t *testing.T) {
	t.Parallel()
	modes(t, func(t *testing.T, options ...string) {
		t.Parallel()
		command, told := writeMonitor(t, "")
		scan := t.TempDir()
		root := t.TempDir()
		writeService(t, scan+"/termed", forever)
		writeService(t, scan+"/stopped", forever)
		writeService(t, scan+"/once", "#!/bin/sh\nexit 1\n", "down", "")
		// It says something itself, and so all that there is to be said.
		writeService(t, scan+"/speaks", forever, "start",
			"#!/bin/sh\nmkdir -p "+root+"/run/syn3/state; echo CAUTION >"+root+"/run/syn3/state/speaks; exit 1\n")
		writeService(t, scan+"/last", forever)
		d := startDaemon(t, "/", append([]string{"env"}, append([]string{"SYN3_ROOT=" + root, "SYN3_STATE=" + command, "svscan"}, append(options, scan)...)...)...)
		up := awaitUp(t, scan+"/termed")
		run(t, scan, "svc", "-t", "termed")
		eventually(t, "it is started again", func() bool { now := pid(t, scan+"/termed"); return now > 0 && now != up })
		awaitUp(t, scan+"/stopped")
		run(t, scan, "svc", "-d", "stopped")
		awaitDown(t, scan+"/stopped")
		awaitDown(t, scan+"/once")
		run(t, scan, "svc", "-o", "once")
		eventually(t, "once has ended", func() bool {
			detail, err := protocol.ReadDetail(scan + "/once")
			return err == nil && detail.LastExit.Code == 1
		})
		d.awaitSaid("speaks/start has failed")
		check(t, unix.Kill(awaitUp(t, scan+"/last"), unix.SIGKILL))
		eventually(t, "the monitor is told of the last", func() bool { return len(lines(t, told)) > 0 })
		if got, want := lines(t, told), []string{"last|CAUTION|Crashed: killed by SIGKILL"}; !slices.Equal(got, want) {
			t.Errorf("the monitor is told %q, want %q", got, want)
		}
	})
}

// TestMonitorHangs has a monitor command that never ends. Supervision goes on,
// and the command is ended and called again.
func TestMonitorHangs(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("takes half a minute")
	}
	modes(t, func(t *testing.T, options ...string) {
		t.Parallel()
		command, told := writeMonitor(t, "exec sleep 100000\n")
		scan := t.TempDir()
		dir := scan + "/x"
		writeService(t, dir, noteStart+"exit 1\n", "restart-delay", "2\n")
		monitored(t, scan, command, options...)
		eventually(t, "the monitor is told", func() bool { return len(lines(t, told)) == 1 })
		eventually(t, "the service is started again and again", func() bool { return len(startTicks(t, dir)) >= 3 })
		eventually(t, "the monitor is told again", func() bool { return len(lines(t, told)) == 2 })
	})
}

// TestDetail has the supervisor write down what the status does not tell.
func TestDetail(t *testing.T) {
	t.Parallel()
	keepers(t, func(t *testing.T, keep func(*testing.T, string) *daemon) {
		t.Parallel()
		scan := t.TempDir()
		dir := scan + "/x"
		writeService(t, dir, forever)
		d := keep(t, scan)
		first := awaitUp(t, dir)
		detail, err := protocol.ReadDetail(dir)
		check(t, err)
		process, _ := protocol.ReadProcess(first)
		if detail.Pid != first || detail.Start != process.Start || detail.Boot != protocol.BootID() || !detail.Exited.IsZero() {
			t.Errorf("the detail is %+v, want that of pid %d", detail, first)
		}
		check(t, unix.Kill(first, unix.SIGKILL))
		var second int
		eventually(t, "it is started again", func() bool { second = pid(t, dir); return second > 0 && second != first })
		detail, err = protocol.ReadDetail(dir)
		check(t, err)
		if detail.Pid != second || detail.Restarts != 1 || detail.LastExit.Signal != unix.SIGKILL || detail.Exited.IsZero() {
			t.Errorf("the detail is %+v, want that of pid %d, and of the first one's end", detail, second)
		}
		d.signal(unix.SIGTERM)
		d.wait()
		keep(t, scan)
		eventually(t, "the next supervisor goes on counting", func() bool {
			detail, err := protocol.ReadDetail(dir)
			return err == nil && detail.Pid != 0 && detail.Pid != second && detail.Restarts == 1
		})
	})
}

// TestRestartDelay has a fixed one, which may be changed at any time, and one
// that makes no sense.
func TestRestartDelay(t *testing.T) {
	t.Parallel()
	keepers(t, func(t *testing.T, keep func(*testing.T, string) *daemon) {
		t.Parallel()
		scan := t.TempDir()
		dir := scan + "/x"
		writeService(t, dir, noteStart+"exit 1\n", "restart-delay", "3\n")
		d := keep(t, scan)
		eventually(t, "there are two starts", func() bool { return len(startTicks(t, dir)) >= 2 })
		at := startTicks(t, dir)
		if pause := at[1] - at[0]; pause < 3*ticks-1 {
			t.Errorf("the second start comes %d0 ms after the first, want at least 3 s", pause)
		}
		check(t, os.WriteFile(dir+"/restart-delay", []byte("soon\n"), 0o644))
		d.awaitSaid("supervise: warning: unable to read x/restart-delay: not a number of seconds\n")
	})
}

// TestCrashLoop has a service that crashes on and on: its starts become rarer,
// and a command lifts that.
func TestCrashLoop(t *testing.T) {
	t.Parallel()
	keepers(t, func(t *testing.T, keep func(*testing.T, string) *daemon) {
		t.Parallel()
		scan := t.TempDir()
		dir := scan + "/x"
		writeService(t, dir, noteStart+"exit 1\n")
		keep(t, scan)
		const grown = 8 // starts, after which the delay is two seconds
		eventually(t, "it has crashed often", func() bool { return len(startTicks(t, dir)) >= grown })
		at := startTicks(t, dir)
		if pause := at[grown-1] - at[grown-2]; pause < 2*ticks-1 {
			t.Errorf("start %d comes %d0 ms after the one before, want at least 2 s", grown, pause)
		}
		eventually(t, "svc -u starts it at once", func() bool {
			run(t, "/", "svc", "-u", dir)
			at := startTicks(t, dir)
			return at[len(at)-1]-at[len(at)-2] < ticks
		})
	})
}
