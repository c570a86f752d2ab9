package integration

import (
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"
)

// TestControl sends every command to a service in every state, with svc of
// either suite, under every supervisor. The table of what is to happen is
// that of the original: it is proved by its own tools.
func TestControl(t *testing.T) {
	t.Parallel()
	for _, supervisor := range supervisors() {
		for _, client := range []suite{our(), theOriginals()} {
			t.Run(supervisor.name+"/"+client.name+" svc", func(t *testing.T) {
				supervisor.require(t)
				client.require(t)
				t.Parallel()
				testControl(t, supervisor, client)
			})
		}
	}
}

func testControl(t *testing.T, supervisor supervisor, client suite) {
	dir := t.TempDir()
	cases := controlCases(t, dir+"/services", supervisor, client)
	supervisor.start(t, dir)

	cases.await(t, client, func(c *controlCase) appearance { return c.state.initial() })
	cases.send(t, client, func(c *controlCase) string { return c.state.commands })
	cases.await(t, client, func(c *controlCase) appearance { return c.state.entered() })
	supervisor.abandon(t, dir)
	for _, c := range cases {
		os.Remove(c.dir + "/signals")
	}

	cases.send(t, client, func(c *controlCase) string { return string(c.command) })
	cases.await(t, client, func(c *controlCase) appearance { return c.after })
	// By now, all that was to happen has happened everywhere.
	for _, observer := range installedSuites() {
		cases.check(t, observer, func(c *controlCase) appearance { return c.after })
	}
}

// understood reports whether the services of a supervisor are sent the signal
// of a command.
func understood(supervisor supervisor, command byte) bool {
	return supervisor.child.ours() || !strings.ContainsRune(encoreCommands, rune(command))
}

// A controlCase is a service that is brought into a state and sent a command.
type controlCase struct {
	dir     string
	state   *state
	command byte
	after   appearance
}

type controlCaseList []*controlCase

// controlCases makes a service for every state and command.
func controlCases(t *testing.T, root string, supervisor supervisor, client suite) (cases controlCaseList) {
	commands := classicCommands
	if client.ours() {
		commands += encoreCommands
	}
	for i := range states {
		state := &states[i]
		for _, command := range []byte(commands) {
			c := &controlCase{fmt.Sprintf("%s/%s %c", root, state.name, command), state, command, state.appearance}
			if after, reacts := state.reactions[command]; reacts && understood(supervisor, command) {
				c.after = after
			}
			writeService(t, c.dir, candid, state.files...)
			cases = append(cases, c)
		}
	}
	return cases
}

// send sends each service its commands, those with the same ones at once.
func (cases controlCaseList) send(t *testing.T, s suite, commands func(*controlCase) string) {
	t.Helper()
	dirs := map[string][]string{}
	for _, c := range cases {
		dirs[commands(c)] = append(dirs[commands(c)], c.dir)
	}
	delete(dirs, "")
	for letters, operands := range dirs {
		out, err := s.command("svc", append([]string{"-" + letters}, operands...)...).CombinedOutput()
		if len(out) > 0 || err != nil {
			t.Errorf("svc -%s: %s%v", letters, out, err)
		}
	}
}

// await waits until svstat and the services look as they should.
func (cases controlCaseList) await(t *testing.T, s suite, want func(*controlCase) appearance) {
	t.Helper()
	deadline := time.Now().Add(patience)
	for cases.differences(t, s, want) != "" && time.Now().Before(deadline) {
		time.Sleep(100 * time.Millisecond)
	}
	cases.check(t, s, want)
}

func (cases controlCaseList) check(t *testing.T, s suite, want func(*controlCase) appearance) {
	t.Helper()
	if differences := cases.differences(t, s, want); differences != "" {
		t.Fatalf("through %s svstat:\n%s", s.name, differences)
	}
}

func (cases controlCaseList) differences(t *testing.T, s suite, want func(*controlCase) appearance) string {
	t.Helper()
	var dirs []string
	for _, c := range cases {
		dirs = append(dirs, c.dir)
	}
	seen := look(t, s, dirs)
	var b strings.Builder
	for _, c := range cases {
		if got, want := seen[c.dir], want(c); got != want || unread(c.dir) > 0 {
			fmt.Fprintf(&b, "%s, %c: %v, want %v\n", c.state.name, c.command, got, want)
		}
	}
	return b.String()
}

// TestFrontEndsEverywhere has our commands start and stop services under every
// supervisor, and both suites see what comes of it.
func TestFrontEndsEverywhere(t *testing.T) {
	t.Parallel()
	for _, supervisor := range supervisors() {
		t.Run(supervisor.name, func(t *testing.T) {
			supervisor.require(t)
			t.Parallel()
			testFrontEnds(t, supervisor)
		})
	}
}

func testFrontEnds(t *testing.T, supervisor supervisor) {
	dir := t.TempDir()
	services := dir + "/services/"
	writeService(t, services+"good", candid)
	writeService(t, services+"stubborn", candid, "stubborn", "")
	writeService(t, services+"short", "#!/bin/sh\nexit 1\n", "down", "")
	writeService(t, services+"broken", "no script", "down", "")
	supervisor.start(t, dir)
	for _, name := range []string{"good", "stubborn"} {
		awaitLine(t, services+name, "up")
	}
	for _, name := range []string{"short", "broken"} {
		awaitLine(t, services+name, "down")
	}

	for _, step := range []struct {
		service string
		command string
		out     string // NAME stands for the service
		code    int
		after   string // svstat's line
	}{
		{"good", "svcstart", "Starting NAME ....OK\n", 0, "up"},
		{"good", "svcstop", "Stopping NAME ....OK\n", 0, "down, normally up"},
		{"good", "svcstop", "Stopping NAME ....OK\n", 0, "down, normally up"},
		{"good", "svcrestart", "Not running NAME\n", 0, "down, normally up"},
		{"good", "svcstart", "Starting NAME ....OK\n", 0, "up"},
		{"good", "svcrestart", "Stopping NAME ....OK\nStarting NAME ....OK\n", 0, "up"},
		{"good", "svcreset", "Starting NAME ....OK\n", 0, "up"},
		{"stubborn", "svcstop -w 1", "Stopping NAME ....FAILED\n", 1, "up, want down"},
		{"short", "svcstart", "Starting NAME ....FAILED\n", 1, "down"},
		{"short", "svcreset", "Stopping NAME ....OK\n", 0, "down"},
		{"broken", "svcstart", "Starting NAME ....FAILED\n", 1, "down"},
	} {
		service := services + step.service
		got := run(t, dir, append(strings.Fields(step.command), service)...)
		if out := strings.ReplaceAll(step.out, "NAME", service); got.out != out || got.code != step.code {
			t.Errorf("%s %s prints %q and exits with %d, want %q and %d", step.command, step.service, got.out, got.code, out, step.code)
		}
		if (got.err != "") != (step.code != 0) {
			t.Errorf("%s %s exits with %d and says %q", step.command, step.service, got.code, got.err)
		}
		awaitLine(t, service, step.after)
	}
	if starts, _ := os.ReadFile(services + "good/starts"); strings.Count(string(starts), "\n") != 3 {
		t.Errorf("starts of the good service: %q, want 3", starts)
	}
}

// awaitLine waits until svstat of both suites says line of a service.
func awaitLine(t *testing.T, dir, line string) {
	t.Helper()
	for _, s := range installedSuites() {
		eventually(t, s.name+" svstat: "+dir+": "+line, func() bool {
			return look(t, s, []string{dir})[dir].line == line
		})
	}
}

// TestSvok asks either suite whether a service is supervised, from the start
// of its supervise to the end.
func TestSvok(t *testing.T) {
	t.Parallel()
	for _, supervisor := range supervisors() {
		t.Run(supervisor.name, func(t *testing.T) {
			supervisor.require(t)
			t.Parallel()
			dir := t.TempDir()
			service := dir + "/services/a"
			writeService(t, service, candid)
			awaitSvok(t, service, 100)
			supervisor.start(t, dir)
			awaitSvok(t, service, 0)
			awaitLine(t, service, "up")
			supervisor.abandon(t, dir)
			mustSucceed(t, our().command("svc", "-dx", service).Run())
			awaitSvok(t, service, 100)
		})
	}
}

// awaitSvok waits until svok of both suites exits with a code.
func awaitSvok(t *testing.T, dir string, code int) {
	t.Helper()
	for _, s := range installedSuites() {
		eventually(t, fmt.Sprintf("%s svok exits with %d", s.name, code), func() bool {
			return run(t, "/", s.tool("svok"), dir).code == code
		})
	}
}

// TestRunit has runit's sv look at our services, which it does as
// node_exporter does, and drive them.
func TestRunit(t *testing.T) {
	t.Parallel()
	sv := installed(t, "/usr/bin/sv", "runit")
	for _, supervisor := range supervisors() {
		if !supervisor.child.ours() {
			continue // sv makes nothing of 18 bytes
		}
		t.Run(supervisor.name, func(t *testing.T) {
			supervisor.require(t)
			t.Parallel()
			testRunit(t, supervisor, sv)
		})
	}
}

func testRunit(t *testing.T, supervisor supervisor, sv string) {
	dir := t.TempDir()
	service := dir + "/services/a"
	writeService(t, service, candid, "stubborn", "")
	supervisor.start(t, dir)
	awaitLine(t, service, "up")
	supervisor.abandon(t, dir)

	for _, step := range []struct {
		command string
		status  string // of sv, without numbers
	}{
		{"sv status", "run: NAME: (pid N) Ns"},
		{"svc -p", "run: NAME: (pid N) Ns, paused"},
		{"svc -c", "run: NAME: (pid N) Ns"},
		{"svc -t", "run: NAME: (pid N) Ns, got TERM"},
		{"svc -d", "run: NAME: (pid N) Ns, want down, got TERM"},
		{"sv kill", "down: NAME: Ns, normally up"},
		{"sv up", "run: NAME: (pid N) Ns"},
		{"sv pause", "run: NAME: (pid N) Ns, paused"},
		{"sv cont", "run: NAME: (pid N) Ns"},
		{"svc -k", "run: NAME: (pid N) Ns"},
		{"svc -dk", "down: NAME: Ns, normally up"},
		{"svc -x", "fail: NAME: runsv not running"},
	} {
		run(t, dir, append(strings.Fields(step.command), service)...)
		want := strings.ReplaceAll(step.status, "NAME", service) + "\n"
		eventually(t, fmt.Sprintf("sv status after %s: %q", step.command, want), func() bool {
			return svNumbers.ReplaceAllString(run(t, dir, sv, "status", service).out, "N$1") == want
		})
	}
}

var svNumbers = regexp.MustCompile(`\b\d+(\)|s\b)`)
