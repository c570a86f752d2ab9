package integration

import (
	"errors"
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

const (
	stateDir = "/run/syn3/state"
	hookDir  = "/etc/syn3/monitor.d"

	stateSynopsis = "syn3-state: usage: syn3-state [--json | --metrics] [name [state [message ...]]]\n"
)

// stateRoot makes a directory that syn3-state takes for the root directory,
// with hooks: names, each followed by a script.
func stateRoot(t *testing.T, hooks ...string) string {
	t.Helper()
	root := t.TempDir()
	makeDir(t, root+hookDir)
	for i := 0; i < len(hooks); i += 2 {
		check(t, os.WriteFile(root+hookDir+"/"+hooks[i], []byte(hooks[i+1]), 0o755))
	}
	return root
}

// runState runs a shell script in which syn3-state uses root. What it prints
// has ROOT for that and STAMP for times.
func runState(t *testing.T, root, script string) result {
	t.Helper()
	r := run(t, root, "env", "SYN3_ROOT="+root, "sh", "-c", script)
	r.out, r.err = withStamps(r.out, root), withStamps(r.err, root)
	return r
}

func withStamps(text, root string) string {
	text = strings.ReplaceAll(text, root, "ROOT")
	return regexp.MustCompile(`\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d(\.\d+Z)?|\b\d{10}\b`).ReplaceAllString(text, "STAMP")
}

func TestState(t *testing.T) {
	t.Parallel()
	const some = "syn3-state slapd CAUTION Startup error; syn3-state squid OK; syn3-state www CRITICAL 'exit code 1'; "
	tests := []struct {
		name, script string
		want         result
	}{
		{"nothing has been reported", "syn3-state", result{"", "", 0}},
		{"nor of one", "syn3-state slapd", result{"UNKNOWN   slapd  never reported\n", "", 3}},
		{"set", "syn3-state slapd OK Started", result{"", "", 0}},
		{"all", some + "syn3-state", result{"CRITICAL  www    STAMP  exit code 1\n" +
			"CAUTION   slapd  STAMP  Startup error\n" + "OK        squid  STAMP\n", "", 0}},
		{"one that is fine", some + "syn3-state squid", result{"OK        squid  STAMP\n", "", 0}},
		{"one that is not", some + "syn3-state slapd", result{"CAUTION   slapd  STAMP  Startup error\n", "", 1}},
		{"one that is lost", some + "syn3-state www", result{"CRITICAL  www  STAMP  exit code 1\n", "", 2}},
		{"one of which this is known", "syn3-state x unknown; syn3-state x", result{"UNKNOWN   x  STAMP\n", "", 3}},
		{"the message is news", some + "syn3-state slapd caution 'Still  so'; syn3-state slapd",
			result{"CAUTION   slapd  STAMP  Still  so\n", "", 1}},
		{"several words", "syn3-state x ok a 'b  c' -- --json; syn3-state x", result{"OK        x  STAMP  a b  c -- --json\n", "", 0}},
		{"control characters", `syn3-state x ok "$(printf 'a\033[31m\nb')"; syn3-state x`,
			result{`OK        x  STAMP  a\x1b[31m\nb` + "\n", "", 0}},
		{"a name like an option", "syn3-state -- --json OK fine; syn3-state -- --json", result{"OK        --json  STAMP  fine\n", "", 0}},
		{"names like commands", "syn3-state help OK; syn3-state json OK; syn3-state --json json; syn3-state help",
			result{`{"name":"json","state":"OK","since":"STAMP","message":""}` + "\nOK        help  STAMP\n", "", 0}},
		{"JSON", some + "syn3-state --json", result{`{"name":"www","state":"CRITICAL","since":"STAMP","message":"exit code 1"}
{"name":"slapd","state":"CAUTION","since":"STAMP","message":"Startup error"}
{"name":"squid","state":"OK","since":"STAMP","message":""}
`, "", 0}},
		{"JSON of one", some + "syn3-state --json slapd",
			result{`{"name":"slapd","state":"CAUTION","since":"STAMP","message":"Startup error"}` + "\n", "", 1}},
		{"JSON of an unknown one", "syn3-state --json x", result{`{"name":"x","state":"UNKNOWN","message":""}` + "\n", "", 3}},
		{"metrics", "syn3-state slapd CAUTION Startup error; syn3-state --metrics", result{
			`# HELP syn3_service_state State last reported of a service: 0 OK, 1 CAUTION, 2 CRITICAL, 3 UNKNOWN.
# TYPE syn3_service_state gauge
syn3_service_state{service="slapd"} 1
# HELP syn3_service_state_since_seconds When the state of a service became what it is, in Unix time.
# TYPE syn3_service_state_since_seconds gauge
syn3_service_state_since_seconds{service="slapd"} STAMP
`, "", 0}},
		{"garbage", some + "echo >ROOT/x; syn3-state; syn3-state x", result{"CRITICAL  www    STAMP  exit code 1\n" +
			"CAUTION   slapd  STAMP  Startup error\n" + "OK        squid  STAMP\n" + "UNKNOWN   x  never reported\n",
			strings.Repeat("syn3-state: warning: unable to read ROOT"+stateDir+"/x: not the record of a state\n", 2), 3}},
		{"forgotten", some + "rm ROOT/squid ROOT/www; syn3-state", result{"CAUTION   slapd  STAMP  Startup error\n", "", 0}},
		{"nowhere to print", some + "syn3-state >/dev/full", result{"", "syn3-state: fatal: unable to print: out of disk space\n", 111}},
		{"a file instead", "mkdir ROOT -p; rmdir ROOT; >ROOT; syn3-state; syn3-state x; syn3-state x OK", result{"UNKNOWN   x  never reported\n",
			"syn3-state: fatal: unable to read ROOT" + stateDir + ": not a directory\n" +
				"syn3-state: warning: unable to read ROOT" + stateDir + "/x: not a directory\n" +
				"syn3-state: fatal: unable to lock ROOT" + stateDir + "/.lock: not a directory\n", 111}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			root := stateRoot(t)
			script := strings.ReplaceAll(test.script, "ROOT", "$SYN3_ROOT"+stateDir)
			if got := runState(t, root, script); got != test.want {
				t.Errorf("%s = %+v, want %+v", test.script, got, test.want)
			}
		})
	}
}

// TestStateUsage calls syn3-state in ways that make no sense: nothing is set.
func TestStateUsage(t *testing.T) {
	t.Parallel()
	fatal := func(text string) result { return result{"", "syn3-state: fatal: " + text + "\n", 100} }
	tests := []struct {
		argv []string
		want result
	}{
		{call("--json", "x", "OK"), result{"", stateSynopsis, 100}},
		{call("--metrics", "x"), result{"", stateSynopsis, 100}},
		{call("--metrics", "--json"), result{"", stateSynopsis, 100}},
		{call("-x", "OK"), result{"", "syn3-state: fatal: flag provided but not defined: -x\n" + stateSynopsis, 100}},
		{call("x", "--json"), fatal(`not a state: "--json" (there are OK, CAUTION, CRITICAL, UNKNOWN)`)},
		{call("x", "WARNING", "m"), fatal(`not a state: "WARNING" (there are OK, CAUTION, CRITICAL, UNKNOWN)`)},
		{call("x", "", "m"), fatal(`not a state: "" (there are OK, CAUTION, CRITICAL, UNKNOWN)`)},
		{call("", "OK"), fatal("the name of the service is empty")},
		{call(""), fatal("the name of the service is empty")},
		{call("..", "OK"), fatal(`not the name of a service: ".."`)},
		{call("../x", "OK"), fatal(`not the name of a service: "../x"`)},
		{call("/service/x", "OK"), fatal(`not the name of a service: "/service/x"`)},
		{call("/service/x"), fatal(`not the name of a service: "/service/x"`)},
		{call(".lock", "OK"), fatal(`not the name of a service: ".lock"`)},
		{call("a\nb", "OK"), fatal(`not the name of a service: "a\nb"`)},
		{call(strings.Repeat("x", 256), "OK"), fatal("the name of the service has 256 bytes, more than 255")},
	}
	for _, test := range tests {
		root := stateRoot(t)
		argv := append([]string{"env", "SYN3_ROOT=" + root, "syn3-state"}, test.argv...)
		if got := run(t, "/", argv...); got != test.want {
			t.Errorf("%q = %+v, want %+v", test.argv, got, test.want)
		}
		if exists(root + "/run") {
			t.Errorf("%q has set something", test.argv)
		}
	}
}

// TestStateTerminal looks at the list on a terminal of 40 columns.
func TestStateTerminal(t *testing.T) {
	t.Parallel()
	script := installed(t, "/usr/bin/script", "bsdutils")
	root := stateRoot(t)
	runState(t, root, "syn3-state slapd OK; syn3-state x CAUTION a long message")
	tests := []struct {
		name, env, want string
	}{
		{"colours", "TERM=xterm", "\x1b[33mCAUTION\x1b[m   x      STAMP  ...\n\x1b[32mOK\x1b[m        slapd  STAMP\n"},
		{"none wanted", "NO_COLOR=1", "CAUTION   x      STAMP  ...\nOK        slapd  STAMP\n"},
		{"an empty wish", "NO_COLOR=", "\x1b[33mCAUTION\x1b[m   x      STAMP  ...\n\x1b[32mOK\x1b[m        slapd  STAMP\n"},
		{"a dumb terminal", "TERM=dumb", "CAUTION   x      STAMP  ...\nOK        slapd  STAMP\n"},
	}
	for _, test := range tests {
		command := "stty cols 41; exec env TERM=xterm " + test.env + " syn3-state"
		got := runState(t, root, fmt.Sprintf("%s -qec '%s' /dev/null </dev/null", script, command))
		if out := strings.ReplaceAll(got.out, "\r", ""); out != test.want || got.code != 0 {
			t.Errorf("%s: %q = %+v, want %q", test.name, command, got, test.want)
		}
	}
}

// tellChange is a hook that tells its arguments, and what the state is
// meanwhile.
const tellChange = "#!/bin/sh\necho \"${0##*/} $1 $2 $3 ($4)\" >>$SYN3_ROOT/told\nsyn3-state $1 >>$SYN3_ROOT/told\nexit 0\n"

// TestStateHooks follows a service. Each change is handed to all hooks after
// it has been made, and nothing else is.
func TestStateHooks(t *testing.T) {
	t.Parallel()
	root := stateRoot(t, "20-tell", tellChange, "10-fail", "#!/bin/sh\necho trouble\nexit 3\n")
	const warning = "trouble\nsyn3-state: warning: ROOT" + hookDir + "/10-fail: exit status 3\n"
	steps := []struct {
		report, told string
	}{
		{"UNKNOWN nothing yet", ""},
		{"CAUTION Startup error", "20-tell slapd UNKNOWN CAUTION (Startup error)\nCAUTION   slapd  STAMP  Startup error\n"},
		{"CAUTION Startup error", ""},
		{"CAUTION Still so", ""},
		{"OK", "20-tell slapd CAUTION OK ()\nOK        slapd  STAMP\n"},
		{"ok Started", ""},
		{"CRITICAL It crashes", "20-tell slapd OK CRITICAL (It crashes)\nCRITICAL  slapd  STAMP  It crashes\n"},
	}
	for _, step := range steps {
		want := result{}
		if step.told != "" {
			want.err = warning
		}
		if got := runState(t, root, "syn3-state slapd "+step.report); got != want {
			t.Errorf("syn3-state slapd %s = %+v, want %+v", step.report, got, want)
		}
		told, _ := os.ReadFile(root + "/told")
		os.Remove(root + "/told")
		if got := withStamps(string(told), root); got != step.told {
			t.Errorf("after syn3-state slapd %s the hook has told %q, want %q", step.report, got, step.told)
		}
	}
}

// hang is a hook that tells its process and that of its child, and hangs.
const hang = "#!/bin/sh\nsleep 100000 &\necho \"$$ $!\" >$SYN3_ROOT/pids.new && mv $SYN3_ROOT/pids.new $SYN3_ROOT/pids\nwait\n"

// hung waits until that hook hangs and returns its processes.
func hung(t *testing.T, root string) (pids [2]int) {
	t.Helper()
	eventually(t, "the hook hangs", func() bool {
		text, _ := os.ReadFile(root + "/pids")
		n, _ := fmt.Sscan(string(text), &pids[0], &pids[1])
		return n == 2
	})
	return pids
}

func awaitGone(t *testing.T, pids [2]int) {
	t.Helper()
	eventually(t, "the hook has gone", func() bool { return !alive(pids[0]) && !alive(pids[1]) })
}

// TestStateHookHangs has a hook that hangs: the state is there at once, and
// the other hooks are run in the end.
func TestStateHookHangs(t *testing.T) {
	t.Parallel()
	root := stateRoot(t, "10-hang", hang, "20-tell", tellChange)
	d := startDaemon(t, root, "env", "SYN3_ROOT="+root, "syn3-state", "slapd", "OK", "Started")
	pids := hung(t, root)
	want := result{"OK        slapd  STAMP  Started\n", "", 0}
	if got := runState(t, root, "syn3-state slapd"); got != want {
		t.Errorf("syn3-state while a hook hangs = %+v, want %+v", got, want)
	}
	code := d.wait()
	warning := "syn3-state: warning: " + root + hookDir + "/10-hang has been ended, as it took longer than 10s\n"
	if code != 0 || d.said() != warning {
		t.Errorf("syn3-state says %q and exits with %d, want %q", d.said(), code, warning)
	}
	awaitGone(t, pids)
	if !exists(root + "/told") {
		t.Errorf("the other hook has not been run")
	}
}

// TestStateEnded ends syn3-state while a hook runs: that ends as well, and
// what has been set stays.
func TestStateEnded(t *testing.T) {
	t.Parallel()
	for _, signal := range []unix.Signal{unix.SIGINT, unix.SIGTERM, unix.SIGHUP} {
		root := stateRoot(t, "10-hang", hang, "20-tell", tellChange)
		d := startDaemon(t, root, "env", "SYN3_ROOT="+root, "syn3-state", "slapd", "CRITICAL", "m")
		pids := hung(t, root)
		d.signal(signal)
		code := d.wait()
		want := "syn3-state: fatal: ended before " + root + hookDir + "/10-hang had run\n"
		if code != 111 || d.said() != want {
			t.Errorf("%v: syn3-state says %q and exits with %d, want %q", signal, d.said(), code, want)
		}
		awaitGone(t, pids)
		if got := runState(t, root, "syn3-state slapd"); got.code != 2 || exists(root+"/told") {
			t.Errorf("%v: syn3-state = %+v, want CRITICAL; the other hook has run: %v", signal, got, exists(root+"/told"))
		}
	}
}

// TestStateCrowd has many report at once. Their changes fit together.
func TestStateCrowd(t *testing.T) {
	t.Parallel()
	root := stateRoot(t, "tell", "#!/bin/sh\necho \"$2 $3\" >>$SYN3_ROOT/told\n")
	const crowd = "syn3-state x OK; for i in 1 2 3 4 5 6 7 8 9 10; do " +
		"syn3-state x OK $i & syn3-state x CAUTION $i & syn3-state >/dev/null & done; wait"
	if got := runState(t, root, crowd); got != (result{}) {
		t.Errorf("the crowd says %+v", got)
	}
	told, err := os.ReadFile(root + "/told")
	check(t, err)
	worse, better := strings.Count(string(told), "OK CAUTION\n"), strings.Count(string(told), "CAUTION OK\n")
	if last := runState(t, root, "syn3-state x"); last.code != worse-better {
		t.Errorf("the hooks have been told of\n%s but the state is %+v", told, last)
	}
}

// TestStateFullDisk has no space for a report. The one before stays.
func TestStateFullDisk(t *testing.T) {
	t.Parallel()
	root := stateRoot(t, "tell", tellChange)
	makeDir(t, root+"/run")
	if err := unix.Mount("tmpfs", root+"/run", "tmpfs", 0, "size=64k"); err != nil {
		if errors.Is(err, unix.EPERM) {
			t.Skip("to mount a small file system this test needs root")
		}
		t.Fatal(err)
	}
	t.Cleanup(func() { unix.Unmount(root+"/run", unix.MNT_DETACH) })
	runState(t, root, "syn3-state x OK fine; rm told")

	fill(t, root+"/run/fill")
	want := result{"", "syn3-state: fatal: unable to write ROOT" + stateDir + "/x: out of disk space\n", 111}
	if got := runState(t, root, "syn3-state x CAUTION m"); got != want {
		t.Errorf("syn3-state on a full disk = %+v, want %+v", got, want)
	}
	want = result{"OK        x  STAMP  fine\n", "", 0}
	if got := runState(t, root, "syn3-state"); got != want || exists(root+"/told") {
		t.Errorf("syn3-state = %+v, want %+v; a hook has been told: %v", got, want, exists(root+"/told"))
	}
	check(t, os.Remove(root+"/run/fill"))
	want = result{"CAUTION   x  STAMP  m\n", "", 1}
	if got := runState(t, root, "syn3-state x CAUTION m; syn3-state x"); got != want {
		t.Errorf("syn3-state with space again = %+v, want %+v", got, want)
	}
}

// TestStateNotPermitted has somebody report who may only read.
func TestStateNotPermitted(t *testing.T) {
	t.Parallel()
	root := stateRoot(t)
	runState(t, root, "syn3-state x OK fine")
	check(t, os.Chmod(root+stateDir+"/.lock", 0))
	unprivileged := ""
	if os.Geteuid() == 0 {
		unprivileged = "setpriv --inh-caps=-all --bounding-set=-all "
	}
	want := result{"", "syn3-state: fatal: unable to lock ROOT" + stateDir + "/.lock: access denied\n", 111}
	if got := runState(t, root, unprivileged+"syn3-state x CAUTION m"); got != want {
		t.Errorf("syn3-state x CAUTION m = %+v, want %+v", got, want)
	}
	want = result{"OK        x  STAMP  fine\n", "", 0}
	if got := runState(t, root, unprivileged+"syn3-state"); got != want {
		t.Errorf("syn3-state = %+v, want %+v", got, want)
	}
}
