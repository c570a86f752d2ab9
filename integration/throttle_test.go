package integration

import (
	"strconv"
	"strings"
	"testing"

	"syn3d/protocol"

	"golang.org/x/sys/unix"
)

// A run script that begins with noteStart leaves in the file starts when it
// was forked, as the kernel has it: no load can make that come out later.
const noteStart = "#!/bin/sh\nread -r stat </proc/self/stat; echo \"$stat\" >>starts\n"

// ticks is how many clock ticks a second has, in /proc.
const ticks = 100

// startTicks returns when the instances of a service were forked, in ticks.
func startTicks(t *testing.T, dir string) (at []int) {
	t.Helper()
	for _, line := range lines(t, dir+"/starts") {
		_, fields, _ := strings.Cut(line, ") ")
		tick, err := strconv.Atoi(strings.Fields(fields)[19])
		check(t, err)
		at = append(at, tick)
	}
	return at
}

// TestThrottle has services that never last. No two starts are less than a
// second apart, be it a crash, a command or the script itself that ends them.
func TestThrottle(t *testing.T) {
	t.Parallel()
	cases := map[string]struct{ rest, option string }{
		"exit":                  {"exit 0\n", ""},
		"crash":                 {"kill -SEGV $$\n", ""},
		"svc -t":                {untilTold, "-t"},
		"svc -du":               {untilTold, "-du"},
		"svc -u of its own":     {"svc -u .\n", ""},
		"svc -ut of its own":    {"svc -ut .\n" + untilTold, ""},
		"child does svc -uuuuu": {"svc -u . & svc -u . & svc -u .; wait\n", ""},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			keepers(t, func(t *testing.T, keep func(*testing.T, string) *daemon) {
				t.Parallel()
				dir := t.TempDir() + "/x"
				writeService(t, dir, noteStart+c.rest)
				keep(t, strings.TrimSuffix(dir, "/x"))
				seen := 0
				eventually(t, "four starts", func() bool {
					now := len(startTicks(t, dir))
					if now > seen && c.option != "" {
						run(t, "/", "svc", c.option, dir)
					}
					seen = now
					return now >= 4
				})
				at := startTicks(t, dir)
				for i := 1; i < len(at); i++ {
					if pause := at[i] - at[i-1]; pause < ticks-1 {
						t.Errorf("start %d comes %d0 ms after the one before, want at least 1 s", i, pause)
					}
				}
			})
		})
	}
}

// TestNotDeaf gives commands right after a start. The original would not hear
// them for a second; here sooner or later, the machine may be slow, one is
// carried out within that second.
func TestNotDeaf(t *testing.T) {
	t.Parallel()
	cases := []struct{ name, rest, end, start string }{
		{"crashed, up", "exit\n", "", "-u"},
		{"crashed, once", "exit\n", "", "-o"},
		{"down, up", untilTold, "-d", "-u"},
		{"down, once", untilTold, "-d", "-o"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			keepers(t, func(t *testing.T, keep func(*testing.T, string) *daemon) {
				t.Parallel()
				dir := t.TempDir() + "/x"
				writeService(t, dir, noteStart+c.rest)
				keep(t, strings.TrimSuffix(dir, "/x"))
				eventually(t, "the first start", func() bool { return len(startTicks(t, dir)) > 0 })
				eventually(t, "two starts within a second", func() bool {
					n := len(startTicks(t, dir))
					if c.end != "" {
						run(t, "/", "svc", c.end, dir)
					}
					awaitDown(t, dir)
					// What was seen may have been the status of before that start: then the
					// command has found the service up.
					eventually(t, "another start", func() bool {
						run(t, "/", "svc", c.start, dir)
						return len(startTicks(t, dir)) > n
					})
					at := startTicks(t, dir)
					return at[n]-at[n-1] < ticks
				})
			})
		})
	}
}

// TestTellsItself has run scripts that command their own supervisor and end:
// what they say counts before their end does.
func TestTellsItself(t *testing.T) {
	t.Parallel()
	cases := map[string]string{
		"svc -d":            "svc -d .\n",
		"svc -o":            "svc -o .\n",
		"svc -d, then exec": "svc -d . && exec true\n",
		"svc -d in the end": "svc -u . && svc -o . && svc -u . && svc -d .\n",
	}
	for name, script := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			keepers(t, func(t *testing.T, keep func(*testing.T, string) *daemon) {
				t.Parallel()
				dir := t.TempDir() + "/x"
				writeService(t, dir, noteStart+"trap '' TERM\n"+script)
				keep(t, strings.TrimSuffix(dir, "/x"))
				eventually(t, "down, and not wanted up", func() bool {
					line := run(t, "/", "svstat", dir).out
					return strings.HasPrefix(line, dir+": down ") && strings.HasSuffix(line, " seconds, normally up\n")
				})
				if got := startTicks(t, dir); len(got) != 1 {
					t.Errorf("started %d times, want once", len(got))
				}
			})
		})
	}
}

// TestSignalsAtOnce sends a service that has just been started a TERM, which
// reaches it within the second.
func TestSignalsAtOnce(t *testing.T) {
	t.Parallel()
	keepers(t, func(t *testing.T, keep func(*testing.T, string) *daemon) {
		t.Parallel()
		dir := t.TempDir() + "/x"
		writeService(t, dir, noteStart+`trap 'read -r now _ </proc/uptime; echo $now >>told; exit' TERM
echo ready >>ready
while :; do sleep .01; done
`)
		keep(t, strings.TrimSuffix(dir, "/x"))
		eventually(t, "a TERM that comes within a second", func() bool {
			n := len(lines(t, dir+"/told"))
			if len(lines(t, dir+"/ready")) <= n {
				return false
			}
			run(t, "/", "svc", "-t", dir)
			eventually(t, "the service gets it", func() bool { return len(lines(t, dir+"/told")) > n })
			told, err := strconv.ParseFloat(lines(t, dir+"/told")[n], 64)
			check(t, err)
			return int(told*ticks)-startTicks(t, dir)[n] < ticks
		})
	})
}

// TestBackoffIsKept has a supervisor die, or execute another program, while a
// service crashes on and on: its starts remain rare.
func TestBackoffIsKept(t *testing.T) {
	test := func(t *testing.T, keep func(*testing.T, string) *daemon, replace func(d *daemon, dir string)) {
		t.Parallel()
		scan := t.TempDir()
		dir := scan + "/x"
		writeService(t, dir, noteStart+"exit 1\n")
		d := keep(t, scan)
		looping := func() bool { detail, _ := protocol.ReadDetail(dir); return strings.HasPrefix(detail.Backoff, "2 ") }
		eventually(t, "starts are put off", looping)
		n := len(startTicks(t, dir))
		replace(d, dir)
		keepAgain(t, d, scan, keep)
		eventually(t, "it is started again", func() bool { return len(startTicks(t, dir)) > n+1 })
		at := startTicks(t, dir)
		for i, least := range []int{2, 4} {
			if pause := at[n+i] - at[n+i-1]; pause < least*ticks-1 {
				t.Errorf("start %d comes %d0 ms after the one before, want at least %d s", n+i, pause, least)
			}
		}
	}
	keepers(t, func(t *testing.T, keep func(*testing.T, string) *daemon) {
		test(t, keep, func(d *daemon, dir string) { killKeeper(t, d, dir) })
	})
	t.Run("upgraded", func(t *testing.T) {
		keep := func(t *testing.T, scan string) *daemon { return startSvscan(t, scan) }
		test(t, keep, func(d *daemon, _ string) { d.signal(unix.SIGUSR2) })
	})
}
