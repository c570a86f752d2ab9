package integration

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"syn3d/applets"

	"golang.org/x/sys/unix"
)

const (
	crashing = "#!/bin/sh\nexit 1\n"

	// slow takes a while to end.
	slow = "#!/bin/sh\nsleep 100000 & sleep=$!\ntrap 'kill $sleep; sleep .3; exit' TERM\necho >ready\nwait\n"

	// lazy ends by itself before svcstart stops watching it.
	lazy = "#!/bin/sh\nexec sleep .5\n"
)

// A frontEndCase calls one of the administrator's commands for the service x
// in the scan directory SCAN, in which it runs.
type frontEndCase struct {
	name   string
	script string   // of x
	files  []string // of x, besides
	before func(t *testing.T, scan string)
	argv   []string
	want   result // with SCAN for the scan directory and PID for processes
	state  string // what svstat says of x then, from a pattern
}

const (
	isUp   = `up \(pid PID\) \d+ seconds`
	isDown = `down \d+ seconds, normally up`
)

var frontEndCases = []frontEndCase{
	{"start", forever, down, supervised, call("svcstart", "SCAN/x"),
		result{"Starting SCAN/x ....OK\n", "", 0}, isUp + ", normally down"},
	{"start what is up", forever, nil, up, call("svcstart", "SCAN/x"),
		result{"Starting SCAN/x ....OK\n", "", 0}, isUp},
	{"start what is up, without a wait", forever, nil, up, call("svcstart", "-w", "0", "SCAN/x"),
		result{"Starting SCAN/x ....OK\n", "", 0}, isUp},
	{"start with a slash", forever, down, supervised, call("svcstart", "SCAN/x/"),
		result{"Starting SCAN/x/ ....OK\n", "", 0}, isUp + ", normally down"},
	{"start by name", forever, down, supervised, call("env", "SVDIR=SCAN", "svcstart", "x"),
		result{"Starting SCAN/x ....OK\n", "", 0}, isUp + ", normally down"},
	{"start several", forever, down, supervised, call("svcstart", "SCAN/x", "SCAN/other", "SCAN/x"),
		result{"Starting SCAN/x ....OK\nStarting SCAN/other ....OK\nStarting SCAN/x ....OK\n", "", 0}, isUp + ", normally down"},
	{"start what crashes", crashing, down, supervised, call("svcstart", "SCAN/x"),
		result{"Starting SCAN/x ....FAILED\n", "svcstart: fatal: SCAN/x does not stay up: exit code 1\n", 1}, `down \d+ seconds`},
	{"start what ends soon", lazy, down, supervised, call("svcstart", "SCAN/x"),
		result{"Starting SCAN/x ....FAILED\n", "svcstart: fatal: SCAN/x does not stay up: exit code 0\n", 1}, `down \d+ seconds`},
	{"start without run", "", down, func(t *testing.T, scan string) {
		supervised(t, scan)
		check(t, unix.Unlink(scan+"/x/run"))
	}, call("svcstart", "SCAN/x"),
		result{"Starting SCAN/x ....FAILED\n", "svcstart: fatal: unable to start SCAN/x/run: file does not exist\n", 1}, `down \d+ seconds`},
	{"start what cannot be executed", "#!/does/not/exist\n", down, supervised, call("svcstart", "-w", "1", "SCAN/x"),
		result{"Starting SCAN/x ....FAILED\n", "svcstart: fatal: unable to start SCAN/x/run: its interpreter /does/not/exist does not exist\n", 1}, `down \d+ seconds`},
	{"start what is missing", forever, down, supervised, call("svcstart", "SCAN/y", "SCAN/x"),
		result{"Starting SCAN/x ....OK\n", "svcstart: fatal: unable to chdir to SCAN/y: file does not exist\n", 1}, isUp + ", normally down"},
	{"start without a supervisor", forever, nil, up, call("svcstart", "SCAN/.unsupervised", "SCAN/x"),
		result{"Starting SCAN/.unsupervised ....FAILED\nStarting SCAN/x ....OK\n",
			"svcstart: fatal: unable to control SCAN/.unsupervised: supervise not running\n", 1}, isUp},
	{"start what is on its way down", slow, down, func(t *testing.T, scan string) {
		run(t, scan, "svc", "-u", "x")
		eventually(t, "x is ready", func() bool { return exists(scan + "/x/ready") })
		run(t, scan, "svc", "-d", "x")
	}, call("svcstart", "SCAN/x"), result{"Starting SCAN/x ....OK\n", "", 0}, isUp + ", normally down"},
	{"start what is paused", forever, nil, func(t *testing.T, scan string) {
		up(t, scan)
		run(t, scan, "svc", "-p", "x")
	}, call("svcstart", "SCAN/x"), result{"Starting SCAN/x ....OK\n", "", 0}, isUp + ", paused"},

	{"stop", forever, nil, up, call("svcstop", "SCAN/x"),
		result{"Stopping SCAN/x ....OK\n", "", 0}, isDown},
	{"stop what is down", forever, down, supervised, call("svcstop", "SCAN/x/"),
		result{"Stopping SCAN/x/ ....OK\n", "", 0}, `down \d+ seconds`},
	{"stop what crashes", crashing, nil, supervised, call("svcstop", "SCAN/x"),
		result{"Stopping SCAN/x ....OK\n", "", 0}, isDown},
	{"stop what is slow", slow, nil, func(t *testing.T, scan string) {
		eventually(t, "x is ready", func() bool { return exists(scan + "/x/ready") })
	}, call("svcstop", "SCAN/x"), result{"Stopping SCAN/x ....OK\n", "", 0}, isDown},
	{"stop what ignores TERM", "#!/bin/sh\n" + stubborn, nil, up, call("svcstop", "-w", "1", "SCAN/x"),
		result{"Stopping SCAN/x ....FAILED\n", "svcstop: fatal: SCAN/x still runs after 1 seconds: pid PID, sleep, state S\n", 1}, isUp + ", want down"},
	{"stop what ignores TERM, limit from the environment", "#!/bin/sh\n" + stubborn, nil, up, call("env", "SVWAIT=1", "svcstop", "SCAN/x"),
		result{"Stopping SCAN/x ....FAILED\n", "svcstop: fatal: SCAN/x still runs after 1 seconds: pid PID, sleep, state S\n", 1}, isUp + ", want down"},
	{"stop some that ignore TERM", "#!/bin/sh\n" + stubborn, nil, up, call("svcstop", "-w=1", "SCAN/other", "SCAN/x"),
		result{"Stopping SCAN/other ....OK\nStopping SCAN/x ....FAILED\n", "svcstop: fatal: SCAN/x still runs after 1 seconds: pid PID, sleep, state S\n", 1}, isUp + ", want down"},
	{"stop without a supervisor", forever, nil, up, call("svcstop", "SCAN/.unsupervised"),
		result{"Stopping SCAN/.unsupervised ....FAILED\n", "svcstop: fatal: unable to control SCAN/.unsupervised: supervise not running\n", 1}, isUp},
	{"stop what is paused", forever, nil, func(t *testing.T, scan string) {
		up(t, scan)
		run(t, scan, "svc", "-p", "x")
	}, call("svcstop", "SCAN/x"), result{"Stopping SCAN/x ....OK\n", "", 0}, isDown},

	{"restart", forever, nil, up, call("svcrestart", "SCAN/x"),
		result{"Stopping SCAN/x ....OK\nStarting SCAN/x ....OK\n", "", 0}, isUp},
	{"restart what is down", forever, down, supervised, call("svcrestart", "SCAN/x"),
		result{"Not running SCAN/x\n", "", 0}, `down \d+ seconds`},
	{"restart one that is up and one that is down", forever, down, supervised, call("svcrestart", "SCAN/x", "SCAN/other"),
		result{"Not running SCAN/x\nStopping SCAN/other ....OK\nStarting SCAN/other ....OK\n", "", 0}, `down \d+ seconds`},
	{"start within a second", forever, down, supervised, call("svcstart", "-w", "1", "SCAN/x"),
		result{"Starting SCAN/x ....OK\n", "", 0}, isUp + ", normally down"},
	{"start what is on its way down and then does not stay up",
		"#!/bin/sh\n[ ! -e second ] || exec sleep .5\ntouch second\ntrap 'sleep .5; exit' TERM\nwhile :; do sleep .1; done\n",
		nil, func(t *testing.T, scan string) {
			eventually(t, "x is up", func() bool { _, err := os.Stat(scan + "/x/second"); return err == nil })
			awaitOld(t, scan+"/x")
			run(t, scan, "svc", "-d", "x")
		}, call("svcstart", "SCAN/x"),
		result{"Starting SCAN/x ....FAILED\n", "svcstart: fatal: SCAN/x does not stay up: exit code 0\n", 1}, `down \d+ seconds, normally up`},
	{"restart what ignores TERM", "#!/bin/sh\n" + stubborn, nil, up, call("svcrestart", "-w", "1", "SCAN/x"),
		result{"Stopping SCAN/x ....FAILED\n", "svcrestart: fatal: SCAN/x still runs after 1 seconds: pid PID, sleep, state S\n", 1}, isUp + ", want down"},

	{"reset what is normally up", forever, nil, func(t *testing.T, scan string) {
		up(t, scan)
		run(t, scan, "svc", "-d", "x")
		awaitDown(t, scan+"/x")
	}, call("svcreset", "SCAN/x"), result{"Starting SCAN/x ....OK\n", "", 0}, isUp},
	{"reset what is normally down", forever, down, func(t *testing.T, scan string) {
		run(t, scan, "svc", "-u", "x")
		awaitSleep(t, scan+"/x")
	}, call("svcreset", "SCAN/x"), result{"Stopping SCAN/x ....OK\n", "", 0}, `down \d+ seconds`},
	{"reset what is as it should be", forever, down, supervised, call("svcreset", "SCAN/other", "SCAN/x"),
		result{"Stopping SCAN/x ....OK\nStarting SCAN/other ....OK\n", "", 0}, `down \d+ seconds`},
}

// down is a file of that name.
var down = []string{"down", ""}

// awaitOld waits until a service has been up for longer than svcstart watches.
func awaitOld(t *testing.T, dir string) {
	t.Helper()
	old := regexp.MustCompile(`up \(pid \d+\) [3-9] seconds`)
	eventually(t, dir+" is old", func() bool { return old.MatchString(run(t, "/", "svstat", dir).out) })
}

func call(argv ...string) []string { return argv }

func supervised(t *testing.T, scan string) {
	t.Helper()
	eventually(t, "x is supervised", func() bool { return pid(t, scan+"/x") != -1 })
}

func up(t *testing.T, scan string) {
	t.Helper()
	awaitSleep(t, scan+"/x")
}

func TestFrontEnds(t *testing.T) {
	t.Parallel()
	for _, c := range frontEndCases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			modes(t, func(t *testing.T, options ...string) {
				t.Parallel()
				testFrontEnd(t, c, options...)
			})
		})
	}
}

func testFrontEnd(t *testing.T, c frontEndCase, options ...string) {
	scan := t.TempDir()
	writeService(t, scan+"/x", c.script, c.files...)
	writeService(t, scan+"/other", forever)
	writeService(t, scan+"/.unsupervised", forever)
	startSvscan(t, scan, options...)
	t.Cleanup(func() { run(t, scan, "svc", "-dk", "x") }) // what ignores TERM, too
	awaitSleep(t, scan+"/other")
	c.before(t, scan)

	argv := make([]string, len(c.argv))
	for i, word := range c.argv {
		argv[i] = strings.ReplaceAll(word, "SCAN", scan)
	}
	got := run(t, scan, argv...)
	got.out, got.err = anonymous(got.out, scan), anonymous(got.err, scan)
	if got != c.want {
		t.Errorf("%q = %+v, want %+v", c.argv, got, c.want)
	}
	state := regexp.MustCompile(`^x: ` + strings.ReplaceAll(c.state, "PID", `\d+`) + `\n$`)
	eventually(t, "svstat says "+state.String(), func() bool {
		return state.MatchString(run(t, scan, "svstat", "x").out)
	})
}

// anonymous puts SCAN for a scan directory and PID for process ids.
func anonymous(text, scan string) string {
	text = strings.ReplaceAll(text, scan, "SCAN")
	return regexp.MustCompile(`pid \d+`).ReplaceAllString(text, "pid PID")
}

// TestFrontEndUsage calls the administrator's commands in ways that make no
// sense: nothing is done then.
func TestFrontEndUsage(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"svcstart", "svcstop", "svcrestart", "svcreset", "svcenable", "svcdisable"} {
		synopsis := name + ": usage: " + name + " " + applets.Find(name).Args + "\n"
		cases := []struct {
			argv []string
			want result
		}{
			{call(name), result{"", synopsis, 100}},
			{call(name, "-w", "5"), result{"", synopsis, 100}},
			{call(name, "-w", "soon", "x"), result{"", name + ": fatal: -w: not a number of seconds: \"soon\"\n", 100}},
			{call(name, "-w", "-1", "x"), result{"", name + ": fatal: -w: not a number of seconds: \"-1\"\n", 100}},
			{call("env", "SVWAIT=soon", name, "x"), result{"", name + ": fatal: SVWAIT: not a number of seconds: \"soon\"\n", 100}},
			{call("syn3d", name), result{"", synopsis, 100}},
			{call(name, "x", "-w", "5"), result{"", name + ": fatal: -w is behind a service: options come first\n" + synopsis, 100}},
			{call(name, "--", "/no", "-x"), result{"", name + ": fatal: unable to chdir to /no: file does not exist\n" +
				name + ": fatal: unable to chdir to /service/-x: file does not exist\n", 1}},
			{call(name, "/does/not/exist"), result{"", name + ": fatal: unable to chdir to /does/not/exist: file does not exist\n", 1}},
			{call(name, ""), result{"", name + ": fatal: unable to chdir to : file does not exist\n", 1}},
		}
		for _, c := range cases {
			if got := run(t, t.TempDir(), c.argv...); got != c.want {
				t.Errorf("%q = %+v, want %+v", c.argv, got, c.want)
			}
		}
	}
}

// TestStartWhatHasJustCome starts a service at once after it has been linked
// into the scan directory, before svscan has taken it.
func TestStartWhatHasJustCome(t *testing.T) {
	t.Parallel()
	modes(t, func(t *testing.T, options ...string) {
		t.Parallel()
		scan, target := t.TempDir(), t.TempDir()
		writeService(t, scan+"/other", forever)
		startSvscan(t, scan, options...)
		awaitUp(t, scan+"/other")
		writeService(t, target, forever)
		check(t, os.Symlink(target, scan+"/x"))
		want := result{"Starting " + scan + "/x ....OK\n", "", 0}
		if got := run(t, "/", "svcstart", scan+"/x"); got != want {
			t.Errorf("svcstart = %+v, want %+v", got, want)
		}
	})
}

// TestFrontEndHelp asks for help where something else is wrong.
func TestFrontEndHelp(t *testing.T) {
	t.Parallel()
	got := run(t, "/", "env", "SVWAIT=soon", "svcstart", "--help")
	if got.code != 0 || strings.Contains(got.out, "default") || !strings.Contains(got.out, "svcstart [-w seconds] [--watch seconds] [--deps] [--json] service ...") {
		t.Errorf("svcstart --help = %+v, want the synopsis", got)
	}
}
