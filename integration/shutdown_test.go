package integration

import (
	"slices"
	"testing"

	"golang.org/x/sys/unix"
)

// talkative is a service that says a thousand words and, when it is told to
// end, a thousand more. Its log does not even begin to read for a while; then
// it takes byte by byte.
const (
	talkative = `#!/bin/sh
talk() {
	for i in 0 1 2 3 4 5 6 7 8 9; do for j in 0 1 2 3 4 5 6 7 8 9; do
	for k in 0 1 2 3 4 5 6 7 8 9; do echo "$1-0$i$j$k"; done; done; done
}
sleep 100000 >&2 & sleep=$!
trap 'kill $sleep; echo told >>journal; talk bye; echo service >>journal; exit' TERM
talk hello
echo ready >>journal
wait
`
	slowReader = `#!/bin/sh
sleep 2
while read -r line; do echo "$line"; done >>lines
echo log >>../journal
`
)

func TestShutdownLosesNoLine(t *testing.T) {
	t.Parallel()
	cases := map[string][]unix.Signal{ // each sent when the one before has arrived
		"TERM":            {unix.SIGTERM},
		"INT":             {unix.SIGINT},
		"QUIT":            {unix.SIGQUIT},
		"TERM, then TERM": {unix.SIGTERM, unix.SIGTERM},
		"INT, then TERM":  {unix.SIGINT, unix.SIGTERM},
	}
	for name, signals := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			modes(t, func(t *testing.T, options ...string) {
				t.Parallel()
				testShutdown(t, signals, options...)
			})
		})
	}
}

func testShutdown(t *testing.T, signals []unix.Signal, options ...string) {
	scan := t.TempDir()
	names := []string{"a", "b", "c"}
	for _, name := range names {
		writeService(t, scan+"/"+name, talkative, "log/run", slowReader)
	}
	svscan := startSvscan(t, scan, options...)
	want := []string{"ready"}
	for i, s := range signals {
		eventually(t, "all services are as far as to say "+want[i], func() bool {
			return !slices.ContainsFunc(names, func(name string) bool {
				return !slices.Contains(lines(t, scan+"/"+name+"/journal"), want[i])
			})
		})
		svscan.signal(s)
		want = append(want, "told")
	}
	if code := svscan.wait(); code != 0 {
		t.Errorf("svscan ends with %d on %v, want 0", code, signals)
	}
	words := slices.Concat(numbered("hello", 1000), numbered("bye", 1000))
	for _, name := range names {
		if got := lines(t, scan+"/"+name+"/log/lines"); !slices.Equal(got, words) {
			t.Errorf("the log of %s has %d lines, want all %d and in order", name, len(got), len(words))
		}
		want := []string{"ready", "told", "service", "log"}
		if got := lines(t, scan+"/"+name+"/journal"); !slices.Equal(got, want) {
			t.Errorf("%s has gone through %q, want %q", name, got, want)
		}
	}
}

// TestShutdownWaitsForTheStubborn has a service that ignores TERM: svscan
// waits for it, and so does its log, while the others go.
func TestShutdownWaitsForTheStubborn(t *testing.T) {
	t.Parallel()
	modes(t, func(t *testing.T, options ...string) {
		t.Parallel()
		scan := t.TempDir()
		writeService(t, scan+"/other", forever)
		writeService(t, scan+"/x", "#!/bin/sh\n"+stubborn, "log/run", "#!/bin/sh\nexec cat\n")
		svscan := startSvscan(t, scan, options...)
		other, x, log := awaitUp(t, scan+"/other"), awaitSleep(t, scan+"/x"), awaitUp(t, scan+"/x/log")

		svscan.signal(unix.SIGTERM)
		eventually(t, "the other service has gone", func() bool { return !alive(other) })
		if svscan.ended() || !alive(x) || !alive(log) {
			t.Fatalf("svscan ended %v, service alive %v, log alive %v, want false, true, true",
				svscan.ended(), alive(x), alive(log))
		}
		unix.Kill(x, unix.SIGKILL)
		if code := svscan.wait(); code != 0 {
			t.Errorf("svscan ends with %d, want 0", code)
		}
		if alive(log) {
			t.Errorf("the log, process %d, survives svscan", log)
		}
	})
}

// TestShutdownWaitsForTheStopped has a supervise that is stopped and takes no
// more commands. svscan goes on ending and reaping the others.
func TestShutdownWaitsForTheStopped(t *testing.T) {
	t.Parallel()
	scan := t.TempDir()
	names := []string{"a", "b", "c", "x"}
	for _, name := range names {
		writeService(t, scan+"/"+name, forever)
	}
	svscan := startSvscan(t, scan, "-p")
	for _, name := range names {
		awaitUp(t, scan+"/"+name)
	}
	x := processesIn("supervise")[scan+"/x"][0]
	check(t, unix.Kill(x, unix.SIGSTOP))
	eventually(t, "supervise x is stopped", func() bool { return stopped(x) })
	stuff(t, scan+"/x/supervise/control")

	svscan.signal(unix.SIGTERM)
	eventually(t, "every other supervise is reaped", func() bool {
		return slices.Equal(children(svscan.cmd.Process.Pid), []int{x})
	})
	check(t, unix.Kill(x, unix.SIGCONT))
	if code := svscan.wait(); code != 0 {
		t.Errorf("svscan ends with %d, want 0", code)
	}
}

// stuff fills a FIFO that nobody reads with bytes that are no commands.
func stuff(t *testing.T, fifo string) {
	t.Helper()
	fd, err := unix.Open(fifo, unix.O_WRONLY|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
	check(t, err)
	defer unix.Close(fd)
	for err == nil {
		_, err = unix.Write(fd, []byte("Z"))
	}
	if err != unix.EAGAIN {
		t.Fatal(err)
	}
}

// TestShutdownEndsLogs has logs that do not end with their input, or whose
// input does not end with the service.
func TestShutdownEndsLogs(t *testing.T) {
	t.Parallel()
	cases := map[string]struct{ script, log string }{
		"log ignores the end of input": {forever, forever},
		"child has escaped":            {"#!/bin/sh\nsleep 100000 &\n" + untilTold, "#!/bin/sh\nexec cat\n"},
		"child has escaped and writes on": {
			"#!/bin/sh\nwhile :; do echo noise; done &\n" + untilTold,
			"#!/bin/sh\nwhile read -r line; do :; done\n",
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			modes(t, func(t *testing.T, options ...string) {
				t.Parallel()
				scan := t.TempDir()
				writeService(t, scan+"/x", c.script, "log/run", c.log)
				svscan := startSvscan(t, scan, options...)
				x, log := awaitSleep(t, scan+"/x"), awaitUp(t, scan+"/x/log")

				svscan.signal(unix.SIGTERM)
				if code := svscan.wait(); code != 0 {
					t.Errorf("svscan ends with %d, want 0", code)
				}
				if alive(x) || alive(log) {
					t.Errorf("service alive %v, log alive %v, want neither", alive(x), alive(log))
				}
			})
		})
	}
}

// TestShutdownRunsStopOfLog has a log that does not end with its input.
func TestShutdownRunsStopOfLog(t *testing.T) {
	t.Parallel()
	modes(t, func(t *testing.T, options ...string) {
		t.Parallel()
		scan := t.TempDir()
		writeService(t, scan+"/x", forever, "log/run", forever, "log/stop", "#!/bin/sh\necho $SVC_REASON >>journal\n")
		svscan := startSvscan(t, scan, options...)
		awaitSleep(t, scan+"/x/log")
		svscan.signal(unix.SIGTERM)
		if code := svscan.wait(); code != 0 {
			t.Errorf("svscan ends with %d, want 0", code)
		}
		if got, want := lines(t, scan+"/x/log/journal"), []string{"shutdown"}; !slices.Equal(got, want) {
			t.Errorf("the journal of the log is %q, want %q", got, want)
		}
	})
}
