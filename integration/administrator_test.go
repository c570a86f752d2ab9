package integration

import (
	"net"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// This file shows real daemons as an administrator sees them through svcstart
// and svcstop: with control scripts, with mistakes in their run scripts, and
// when they are interrupted.

// missionStart is the start script that the Syn-3 manual gives as an example,
// but for its pauses.
const missionStart = `#!/bin/bash
TRY=15

svc -u SCAN/x
while ! ldapwhoami -h 127.0.0.1 &>/dev/null; do
    echo "Waiting for slapd to start.. ($TRY)"
    sleep .2
    (( TRY-- ))
    if [ $TRY -eq 0 ]; then
        syn3-state slapd CAUTION "Startup error"
        svc -d SCAN/x
        exit 1
    fi
done
syn3-state slapd OK "Started"
`

// slapdRun waits a moment first, so that the start script has to.
const slapdRun = `#!/bin/sh
exec 2>&1
echo "pidfile $PWD/pid" >slapd.conf
sleep .3
exec /usr/sbin/slapd -d 0 -h ldap://127.0.0.1:PORT -f ARGUMENT
`

// redisStart waits for redis, which takes three seconds to come up.
const (
	slowRedisRun = "#!/bin/sh\nexec 2>&1\nsleep 3\nexec /usr/bin/redis-server --bind 127.0.0.1 --port PORT --save ''\n"

	redisStart = `#!/bin/sh
echo "Waiting for redis to start.."
svc -u "$SVC_DIR"
for try in $(seq 100); do
    [ "$(redis-cli -p PORT ping 2>&1)" != PONG ] || exit 0
    sleep .1
done
svc -d "$SVC_DIR"
exit 1
`

	// forkingNginx lacks an exec, and so is not told to end.
	forkingNginx = "#!/bin/sh\n" + `cat >conf <<END
daemon off;
pid $PWD/pid;
worker_processes 1;
events {}
http {
	access_log off;
	client_body_temp_path $PWD/body;
	proxy_temp_path $PWD/proxy;
	fastcgi_temp_path $PWD/fastcgi;
	uwsgi_temp_path $PWD/uwsgi;
	scgi_temp_path $PWD/scgi;
	server { listen 127.0.0.1:PORT; return 200 hello; }
}
END
/usr/sbin/nginx -e stderr -p "$PWD" -c "$PWD/conf" 2>&1
`

	multilogRun = "#!/bin/sh\nexec multilog t s250000 ./main\n"
)

// A step is a command that an administrator gives, and all that it prints: on
// standard output, and then on standard error.
type step struct {
	argv []string
	want result
}

type administratorCase struct {
	name   string
	needs  [][2]string // programs and their packages
	script string
	files  []string
	steps  []step
}

var (
	slapd    = [][2]string{{"/usr/sbin/slapd", "slapd"}, {"/usr/bin/ldapwhoami", "ldap-utils"}}
	nginx    = [][2]string{{"/usr/sbin/nginx", "nginx"}}
	redis    = [][2]string{{"/usr/bin/redis-server", "redis-server"}}
	multilog = [][2]string{{"/usr/bin/multilog", "daemontools"}}
)

var administratorCases = []administratorCase{
	{"slapd with the start script of the mission", slapd, strings.ReplaceAll(slapdRun, "ARGUMENT", "slapd.conf"),
		[]string{"down", "", "start", missionStart}, []step{
			{call("svcstart", "x"), result{"Starting SCAN/x ....\nWaiting for slapd to start.. (15)\n...\nStarting SCAN/x ....OK\n", "", 0}},
			{call("syn3-state", "slapd"), result{"OK        slapd  TIME  Started\n", "", 0}},
			{call("svcrestart", "x"), result{"Stopping SCAN/x ....OK\nStarting SCAN/x ....\nWaiting for slapd to start.. (15)\n...\nStarting SCAN/x ....OK\n", "", 0}},
			{call("svcstop", "x"), result{"Stopping SCAN/x ....OK\n", "", 0}},
		}},
	{"slapd that cannot read its configuration", slapd, strings.ReplaceAll(slapdRun, "ARGUMENT", "missing.conf"),
		[]string{"down", "", "start", missionStart}, []step{
			{call("svcstart", "x"), result{"Starting SCAN/x ....\nWaiting for slapd to start.. (15)\n...\nStarting SCAN/x ....FAILED\n",
				"svcstart: fatal: SCAN/x/start: exit code 1; the service is STATE\n", 1}},
			{call("syn3-state", "slapd"), result{"CAUTION   slapd  TIME  Startup error\n", "", 1}},
		}},
	{"redis takes three seconds", redis, slowRedisRun, []string{"down", "", "start", redisStart}, []step{
		{call("svcstart", "x"), result{"Starting SCAN/x ....\nWaiting for redis to start..\nStarting SCAN/x ....OK\n", "", 0}},
		{call("svcstart", "-w", "1", "x"), result{"Starting SCAN/x ....\nWaiting for redis to start..\nStarting SCAN/x ....OK\n", "", 0}},
		{call("svcstop", "x"), result{"Stopping SCAN/x ....OK\n", "", 0}},
		{call("svcstart", "-w", "1", "x"), result{"Starting SCAN/x ....\nWaiting for redis to start..\nStarting SCAN/x ....FAILED\n",
			"svcstart: fatal: SCAN/x/start has not ended after 1 seconds and was ended\n", 1}},
		{call("svstat", "x"), result{"x: down N seconds\n", "", 0}},
	}},
	{"nginx without exec", nginx, forkingNginx, []string{"down", ""}, []step{
		{call("svcstart", "x"), result{"Starting SCAN/x ....OK\n", "", 0}},
		{call("svcstop", "x"), result{"Stopping SCAN/x ....FAILED\n", `svcstop: fatal: SCAN/x is down, but has left 2 processes behind:
    pid PID, since TIME: nginx: master process /usr/sbin/nginx -e stderr -p SCAN/x -c SCAN/x/conf
        likely cause: run lacks the word exec before this program
    pid PID, since TIME: nginx: worker process
        likely cause: nobody told it to end
`, 1}},
	}},
	{"nginx without exec is killed", nginx, forkingNginx, []string{"down", ""}, []step{
		{call("svcstart", "x"), result{"Starting SCAN/x ....OK\n", "", 0}},
		{call("svcstop", "-k", "x"), result{"Stopping SCAN/x ....OK\n", "", 0}},
		{call("pgrep", "-f", "SCAN/x"), result{"", "", 1}},
	}},
	{"nginx may leave something behind", nginx, forkingNginx, []string{"down", "", "leave-children", ""}, []step{
		{call("svcstart", "x"), result{"Starting SCAN/x ....OK\n", "", 0}},
		{call("svcstop", "x"), result{"Stopping SCAN/x ....OK\n", "", 0}},
	}},
	{"one ignores TERM", nil, "#!/bin/sh\n" + stubborn, []string{"down", ""}, []step{
		{call("svcstart", "x"), result{"Starting SCAN/x ....OK\n", "", 0}},
		{call("svcstop", "-w", "1", "x"), result{"Stopping SCAN/x ....FAILED\n", "svcstop: fatal: SCAN/x still runs after 1 seconds: pid PID, sleep, state S\n", 1}},
		{call("svcstop", "-k", "-w", "1", "x"), result{"Stopping SCAN/x ....OK\n", "", 0}},
	}},
	{"one crashes after 1.5 seconds", multilog, "#!/bin/sh\nexec 2>&1\nsleep 1.5\necho 'unable to bind: address in use'\nexit 7\n",
		[]string{"down", "", "log/run", multilogRun}, []step{
			{call("svcstart", "x"), result{"Starting SCAN/x ....FAILED\n", `svcstart: fatal: SCAN/x does not stay up: exit code 7
    it said last, in SCAN/x/log/main/current:
        TIME unable to bind: address in use
`, 1}},
			{call("svcstart", "--watch", ".5", "x"), result{"Starting SCAN/x ....OK\n", "", 0}},
		}},
	{"one has its own watch", nil, "#!/bin/sh\nsleep .5\nexit 7\n", []string{"down", "", "start-watch", "0.1\n"}, []step{
		{call("svcstart", "x"), result{"Starting SCAN/x ....OK\n", "", 0}},
	}},
	{"the user of one does not exist", multilog, "#!/bin/sh\nexec 2>&1\nexec setuidgid download sleep 1000\n",
		[]string{"down", "", "log/run", multilogRun}, []step{
			{call("svcstart", "x"), result{"Starting SCAN/x ....FAILED\n", `svcstart: fatal: SCAN/x does not stay up: exit code 111
    likely cause: there is no user download, whom SCAN/x/run names
    it said last, in SCAN/x/log/main/current:
        TIME setuidgid: fatal: unknown account download
`, 1}},
		}},
	{"scripts that cannot be run", nil, forever, []string{"down", "", "start", "exit 0\n", "stop/", ""}, []step{
		{call("svcstart", "x"), result{"Starting SCAN/x ....FAILED\n", "svcstart: fatal: unable to start SCAN/x/start: it is not executable\n", 1}},
		{call("svcstop", "x"), result{"Stopping SCAN/x ....FAILED\n", "svcstop: fatal: unable to start SCAN/x/stop: it is a directory\n", 1}},
	}},
	{"a start script lingers", nil, forever, []string{"down", "", "start", "#!/bin/sh\nsvc -u .\nsleep 1000 &\n"}, []step{
		{call("svcstart", "x"), result{"Starting SCAN/x ....OK\n", "", 0}},
		{call("svcstop", "x"), result{"Stopping SCAN/x ....FAILED\n", `svcstop: fatal: SCAN/x is down, but has left a process behind:
    pid PID, since TIME: sleep 1000
        likely cause: it went into the background: let it stay in the foreground, else use fghack
`, 1}},
		{call("svcstop", "-k", "x"), result{"Stopping SCAN/x ....OK\n", "", 0}},
	}},
	{"a start script calls svcstart on itself", nil, forever, []string{"down", "", "start", "#!/bin/sh\nsvcstart SCAN/x\n"}, []step{
		{call("svcstart", "x"), result{"Starting SCAN/x ....\nStarting SCAN/x ....FAILED\n" +
			"svcstart: fatal: SCAN/x: its start script waits for this very command, and is to use svc -u\nStarting SCAN/x ....FAILED\n",
			"svcstart: fatal: SCAN/x/start: exit code 1; the service is down N seconds\n", 1}},
	}},
	{"start scripts start each other", nil, forever, []string{"down", "", "start", "#!/bin/sh\nsvcstart SCAN/y || exit 3\n"}, []step{
		{call("sh", "-c", "mkdir y && touch y/down && cp x/run y && printf '#!/bin/sh\\nsvcstart SCAN/x 2>&1\\n' >y/start && chmod +x y/start"), result{"", "", 0}},
		{call("svcstart", "x"), result{"Starting SCAN/x ....\nStarting SCAN/y ....\nStarting SCAN/x ....FAILED\n" +
			"svcstart: fatal: SCAN/x: its start script waits for this very command, and is to use svc -u\nStarting SCAN/y ....FAILED\n" +
			"svcstart: fatal: SCAN/y/start: exit code 1; the service is down N seconds\nStarting SCAN/x ....FAILED\n",
			"svcstart: fatal: SCAN/x/start: exit code 3; the service is down N seconds\n", 1}},
	}},
	{"a stop script decides", nil, forever, []string{"stop", "#!/bin/sh\necho \"$SVC_REASON in $PWD\"\n[ -e allowed ] || exit 5\nsvc -d .\n"}, []step{
		{call("svcstart", "x"), result{"Starting SCAN/x ....OK\n", "", 0}},
		{call("svcstop", "x"), result{"Stopping SCAN/x ....\nsvcstop in SCAN/x\nStopping SCAN/x ....FAILED\n",
			"svcstop: fatal: SCAN/x/stop: exit code 5; the service is up (pid PID) N seconds\n", 1}},
		{call("touch", "x/allowed"), result{"", "", 0}},
		{call("svcstop", "x"), result{"Stopping SCAN/x ....\nsvcstop in SCAN/x\nStopping SCAN/x ....OK\n", "", 0}},
		{call("svstat", "x"), result{"x: down N seconds, normally up\n", "", 0}},
	}},
	{"a stop script calls svcstop on itself", nil, forever, []string{"stop", "#!/bin/sh\nsvcstop SCAN/x 2>&1\n"}, []step{
		{call("svcstop", "x"), result{"Stopping SCAN/x ....\nStopping SCAN/x ....FAILED\n" +
			"svcstop: fatal: SCAN/x: this is called by its own stop script, which is to use svc -d\nStopping SCAN/x ....FAILED\n",
			"svcstop: fatal: SCAN/x/stop: exit code 1; the service is up (pid PID) N seconds\n", 1}},
	}},
	{"once and paused", nil, forever, []string{"down", ""}, []step{
		{call("svcstart", "x"), result{"Starting SCAN/x ....OK\n", "", 0}},
		{call("svc", "-op", "x"), result{"", "", 0}},
		{call("sh", "-c", "until svstat x | grep -q paused; do sleep .01; done"), result{"", "", 0}},
		{call("svcrestart", "x"), result{"Stopping SCAN/x ....OK\nStarting SCAN/x ....OK\n", "", 0}},
		{call("svstat", "-l", "x"), result{"x: up (pid PID) N seconds, normally down, paused\n    verified   by watching it, TIME\n    last exit  killed by SIGTERM, TIME\n    restarts   0\n    at boot    down\n", "", 0}},
		{call("sh", "-c", `svstat --json x | grep -o '"want":"once","paused":true'`), result{`"want":"once","paused":true` + "\n", "", 0}},
	}},
	{"enabled and disabled", nil, forever, []string{"down", ""}, []step{
		{call("svcenable", "x"), result{"Enabling SCAN/x ....OK\nStarting SCAN/x ....OK\n", "", 0}},
		{call("svstat", "x"), result{"x: up (pid PID) N seconds\n", "", 0}},
		{call("svcdisable", "--later", "x"), result{"Disabling SCAN/x ....OK\n", "", 0}},
		{call("svstat", "x"), result{"x: up (pid PID) N seconds, normally down\n", "", 0}},
		{call("svcenable", "--later", "x"), result{"Enabling SCAN/x ....OK\n", "", 0}},
		{call("svcdisable", "x"), result{"Disabling SCAN/x ....OK\nStopping SCAN/x ....OK\n", "", 0}},
		{call("svstat", "x"), result{"x: down N seconds\n", "", 0}},
	}},
	{"json", nil, "#!/bin/sh\nsleep 1000\n", []string{"down", ""}, []step{
		{call("svcstart", "--json", "x", "missing"), result{
			`{"service":"SCAN/x","supervised":true,"up":true,"pid":PID,"since":"TIME","seconds":N,"want":"up","paused":false,"boot":"down",` +
				`"verified":{"ok":true,"by":"watch","reason":"svcstart","at":"TIME"},"restarts":0,"result":{"command":"svcstart","ok":true}}` + "\n" +
				`{"service":"SCAN/missing","error":"unable to chdir: file does not exist","supervised":false,"up":false,"seconds":N,"paused":false,"restarts":0,` +
				`"result":{"command":"svcstart","ok":false,"error":"unable to chdir to SCAN/missing: file does not exist"}}` + "\n",
			"svcstart: fatal: unable to chdir to SCAN/missing: file does not exist\nStarting SCAN/x ....OK\n", 1}},
		{call("svcstop", "--json", "x"), result{
			`{"service":"SCAN/x","supervised":true,"up":false,"since":"TIME","seconds":N,"want":"down","paused":false,"boot":"down",` +
				`"last_exit":{"code":0,"signal":"SIGTERM","at":"TIME"},"restarts":0,` +
				`"result":{"command":"svcstop","ok":false,"error":"SCAN/x is down, but has left a process behind:",` +
				`"leftovers":[{"pid":PID,"command":"sleep 1000","since":"TIME","cause":"run lacks the word exec before this program"}]}}` + "\n",
			"Stopping SCAN/x ....FAILED\nsvcstop: fatal: SCAN/x is down, but has left a process behind:\n" +
				"    pid PID, since TIME: sleep 1000\n        likely cause: run lacks the word exec before this program\n", 1}},
	}},
	{"names that look like something else", nil, forever, []string{"down", ""}, []step{
		{call("sh", "-c", "mkdir -- -w 'a\nb'"), result{"", "", 0}},
		{call("svcstop", "--", "-w"), result{"Stopping SCAN/-w ....FAILED\n", "svcstop: fatal: unable to control SCAN/-w: supervise not running\n", 1}},
		{call("svcstop", "a\nb"), result{"Stopping \"SCAN/a\\nb\" ....FAILED\n", "svcstop: fatal: unable to control \"SCAN/a\\nb\": supervise not running\n", 1}},
		{call("svcstop", "../x"), result{"", "svcstop: fatal: unable to chdir to ../x: file does not exist\n", 1}},
		{call("svcstart", "x/../x"), result{"Starting x/../x ....OK\n", "", 0}},
	}},
}

func TestAdministrator(t *testing.T) {
	t.Parallel()
	for _, c := range administratorCases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			for _, need := range c.needs {
				installed(t, need[0], need[1])
			}
			modes(t, func(t *testing.T, options ...string) {
				t.Parallel()
				testAdministrator(t, c, options...)
			})
		})
	}
}

func testAdministrator(t *testing.T, c administratorCase, options ...string) {
	scan, address := t.TempDir(), freeAddress(t)
	fill := filling(scan, address)
	script, files := fill.Replace(c.script), make([]string, len(c.files))
	for i, text := range c.files {
		files[i] = fill.Replace(text)
	}
	writeService(t, scan+"/x", script, files...)
	environment := []string{"env", "SVDIR=" + scan, "SYN3_ROOT=" + t.TempDir(), "PATH=" + shims(t, address) + ":" + os.Getenv("PATH")}
	startSvscan(t, scan, options...)
	t.Cleanup(func() { run(t, scan, "svc", "-dk", "x") }) // what ignores TERM, too
	supervised(t, scan)
	for _, s := range c.steps {
		argv := append([]string{}, environment...)
		for _, word := range s.argv {
			argv = append(argv, fill.Replace(word))
		}
		got := run(t, scan, argv...)
		got.out, got.err = asSeen(got.out, scan), asSeen(got.err, scan)
		if strings.Contains(s.want.err, "STATE") { // it may still be on its way down
			got.err = regexp.MustCompile(`is (down N seconds|up .*, want down)`).ReplaceAllString(got.err, "is STATE")
		}
		if got != s.want {
			t.Errorf("%q = %+v, want %+v", s.argv, got, s.want)
		}
	}
}

// filling puts the scan directory and the port of a daemon into texts.
func filling(scan, address string) *strings.Replacer {
	_, port, _ := net.SplitHostPort(address)
	return strings.NewReplacer("SCAN", scan, "PORT", port)
}

// shims returns a directory with an ldapwhoami that takes the option -h, which
// that of today does no longer.
func shims(t *testing.T, address string) string {
	t.Helper()
	dir := t.TempDir()
	check(t, os.WriteFile(dir+"/ldapwhoami", []byte("#!/bin/sh\nexec /usr/bin/ldapwhoami -x -H ldap://"+address+"\n"), 0o755))
	return dir
}

// asSeen puts words in the place of what differs from one time to the next.
func asSeen(text, scan string) string {
	text = anonymous(text, scan)
	for _, r := range [][2]string{
		{`"pid":\d+`, `"pid":PID`},
		{`"seconds":\d+`, `"seconds":N`},
		{`\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d(\.\d+)?Z?`, "TIME"},
		{`\b\d+ seconds(, |\n)`, "N seconds$1"},
		{`(Waiting for slapd to start.. \(15\)\n)(Waiting .*\n)*`, "$1...\n"},
	} {
		text = regexp.MustCompile(r[0]).ReplaceAllString(text, r[1])
	}
	return text
}

// TestInterruptedStart interrupts svcstart while it waits, for a script or
// without one.
func TestInterruptedStart(t *testing.T) {
	t.Parallel()
	const left = "is left as it is: up (pid PID) N seconds, normally down\n"
	tests := []struct {
		name   string
		files  []string
		ready  string // the file that tells when to interrupt
		signal unix.Signal
		want   string
	}{
		{"in its script", []string{"start", "#!/bin/sh\nsvc -u .\necho Waiting\nuntil [ -e ready ]; do sleep .01; done\nsleep 1000 & echo $! >child; echo >begun; wait\n"},
			"begun", unix.SIGINT, "Starting SCAN/x ....\nWaiting\nStarting SCAN/x ....FAILED\nsvcstart: fatal: interrupted, SCAN/x " + left},
		{"in its watch", []string{"start-watch", "1000"}, "ready", unix.SIGTERM, "Starting SCAN/x ....FAILED\nsvcstart: fatal: interrupted, SCAN/x " + left},
		{"by QUIT", []string{"start-watch", "1000"}, "ready", unix.SIGQUIT, "Starting SCAN/x ....FAILED\nsvcstart: fatal: interrupted, SCAN/x " + left},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			scan := t.TempDir()
			writeService(t, scan+"/x", "#!/bin/sh\necho >ready\nexec sleep 1000\n", append(test.files, "down", "")...)
			startSvscan(t, scan)
			supervised(t, scan)
			svcstart := startDaemon(t, scan, "svcstart", scan+"/x")
			eventually(t, "x is ready", func() bool { return exists(scan+"/x/"+test.ready) && pid(t, scan+"/x") > 0 })
			svcstart.signal(test.signal)
			if code := svcstart.wait(); code != 1 {
				t.Errorf("svcstart ends with %d, want 1", code)
			}
			if got := asSeen(svcstart.awaitSaid("interrupted"), scan); got != test.want {
				t.Errorf("svcstart says %q, want %q", got, test.want)
			}
			if child, err := os.ReadFile(scan + "/x/child"); err == nil {
				eventually(t, "the child of the script has ended", func() bool { return !alive(processIn(t, child)) })
			}
		})
	}
}

// processIn returns the process whose pid a text holds.
func processIn(t *testing.T, text []byte) int {
	t.Helper()
	pid, err := strconv.Atoi(strings.TrimSpace(string(text)))
	check(t, err)
	return pid
}

// TestTwoStarts starts a service twice at the same time: its script runs once,
// and both share what comes of it.
func TestTwoStarts(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, exit string
		code       int
		want       string // of the second
	}{
		{"it works", "exit 0", 0, "Starting SCAN/x ....OK\n"},
		{"it does not", "exit 4", 1, "Starting SCAN/x ....FAILED\nsvcstart: fatal: another start of SCAN/x has failed: " +
			"SCAN/x/start: exit code 4; the service is up (pid PID) N seconds, normally down\n"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			scan := t.TempDir()
			writeService(t, scan+"/x", forever, "down", "",
				"start", "#!/bin/sh\necho >>runs\nsvc -u .\nuntil [ -e go ] && svok . && [ -n \"$(svstat . | grep up)\" ]; do sleep .01; done\n"+test.exit+"\n")
			startSvscan(t, scan)
			supervised(t, scan)
			first := startDaemon(t, scan, "svcstart", scan+"/x")
			eventually(t, "the script runs", func() bool { return exists(scan + "/x/runs") })
			second := startDaemon(t, scan, "svcstart", scan+"/x")
			eventually(t, "the second one waits", func() bool { return waitsForLock(second.cmd.Process.Pid) })
			check(t, os.WriteFile(scan+"/x/go", nil, 0o644))
			if one, two := first.wait(), second.wait(); one != test.code || two != test.code {
				t.Errorf("svcstart ends with %d and %d, want %d", one, two, test.code)
			}
			if got := asSeen(second.said(), scan); got != test.want {
				t.Errorf("the second svcstart says %q, want %q", got, test.want)
			}
			if runs, _ := os.ReadFile(scan + "/x/runs"); len(runs) != 1 {
				t.Errorf("the script has run %d times, want once", len(runs))
			}
		})
	}
}

// TestMutualStarts has start scripts wait for each other, one of which is run
// by the supervisor: who waits in vain is told.
func TestMutualStarts(t *testing.T) {
	t.Parallel()
	scan := t.TempDir()
	const other = "#!/bin/sh\necho >begun\nuntil [ -e ../x/begun ]; do sleep .01; done\nsvcstart "
	writeService(t, scan+"/x", forever, "down", "", "start", strings.ReplaceAll(other, "../x", "../y")+scan+"/y\n")
	writeService(t, scan+"/y", forever, "start", other+scan+"/x\n")
	svscan := startSvscan(t, scan)
	supervised(t, scan)
	svcstart := startDaemon(t, scan, "svcstart", scan+"/x")
	svcstart.wait()
	if !strings.Contains(svcstart.said()+svscan.said(), "its start script waits for this very command") {
		t.Errorf("svcstart says %q, and svscan %q, want one that waits for itself", svcstart.said(), svscan.said())
	}
}

// TestLastWordsOfReadproctitle starts a service without a log, whose last words
// only readproctitle has heard.
func TestLastWordsOfReadproctitle(t *testing.T) {
	t.Parallel()
	scan := t.TempDir()
	writeService(t, scan+"/x", "#!/bin/sh\necho 'Unknown id: download' >&2\nexit 1\n", "down", "")
	startBoot(t, bin+"/svscanboot", scan)
	supervised(t, scan)
	const want = `Starting SCAN/x ....FAILED
svcstart: fatal: SCAN/x does not stay up: exit code 1
    it said last, in readproctitle, process PID, which hears all services without a log:
        Unknown id: download
`
	got := run(t, scan, "sh", "-c", "svcstart \"$PWD/x\" 2>&1")
	text := regexp.MustCompile(`process \d+`).ReplaceAllString(asSeen(got.out, scan), "process PID")
	if text != want || got.code != 1 {
		t.Errorf("svcstart ends with %d and says %q, want 1, %q", got.code, text, want)
	}
}

// TestForeignSupervisor starts and stops services of the original's supervise,
// which does not tell how they died, and does not mark what belongs to them.
func TestForeignSupervisor(t *testing.T) {
	t.Parallel()
	svscan := original(t, "svscan")
	scan := t.TempDir()
	writeService(t, scan+"/crashing", "#!/bin/sh\nsleep .2\nexit 1\n", "down", "")
	writeService(t, scan+"/forking", "#!/bin/sh\nsleep 1000\n", "down", "")
	startDaemon(t, scan, "env", "PATH=/usr/bin:/bin", svscan, scan)
	for _, s := range []step{
		{call("svcstart", "forking"), result{"Starting SCAN/forking ....OK\n", "", 0}},
		{call("svcstop", "forking"), result{"Stopping SCAN/forking ....FAILED\n", `svcstop: fatal: SCAN/forking is down, but has left a process behind:
    pid PID, since TIME: sleep 1000
        likely cause: run lacks the word exec before this program
`, 1}},
		{call("svcstart", "forking"), result{"Starting SCAN/forking ....OK\n", "", 0}},
		{call("svcstop", "-k", "forking"), result{"Stopping SCAN/forking ....OK\n", "", 0}},
		{call("svcstart", "crashing"), result{"Starting SCAN/crashing ....FAILED\n",
			"svcstart: fatal: SCAN/crashing does not stay up: its process has ended\n", 1}},
		{call("sh", "-c", "until svstat crashing | grep -q ': down'; do sleep .1; done"), result{"", "", 0}}, // it is deaf for a second
		{call("svstat", "-l", "crashing"), result{"crashing: down N seconds\n    verified   no\n    restarts   0\n    at boot    down\n", "", 0}},
	} {
		got := run(t, scan, append(call("env", "SVDIR="+scan), s.argv...)...)
		got.out, got.err = asSeen(got.out, scan), asSeen(got.err, scan)
		if got != s.want {
			t.Errorf("%q = %+v, want %+v", s.argv, got, s.want)
		}
	}
}

// TestEnableReadOnly changes what is started at boot where nothing can be
// written: that is told, and the service is left as it runs.
func TestEnableReadOnly(t *testing.T) {
	t.Parallel()
	scan := t.TempDir()
	mountTmpfs(t, scan, "")
	writeService(t, scan+"/x", forever)
	check(t, os.Symlink(t.TempDir()+"/state", scan+"/x/supervise"))
	check(t, unix.Mount("", scan, "", unix.MS_REMOUNT|unix.MS_RDONLY, ""))
	startSvscan(t, scan)
	awaitUp(t, scan+"/x")
	tests := []struct {
		command string
		want    result
	}{
		{"svcdisable", result{"Disabling SCAN/x ....FAILED\n", "svcdisable: fatal: unable to create SCAN/x/down: read-only file system\n", 1}},
		{"svcenable", result{"Enabling SCAN/x ....OK\nStarting SCAN/x ....OK\n", "", 0}},
	}
	for _, test := range tests {
		got := run(t, "/", test.command, scan+"/x")
		got.out, got.err = asSeen(got.out, scan), asSeen(got.err, scan)
		if got != test.want || pid(t, scan+"/x") <= 0 {
			t.Errorf("%s = %+v, want %+v, and x still up", test.command, got, test.want)
		}
	}
}

// TestFromInside has a service stop or restart itself, from the process itself
// and from a child in the background.
func TestFromInside(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, script string
		state        string // afterwards
		starts       int
	}{
		{"restarted by a child", "svcrestart \"$PWD\" >out 2>&1 & exec sleep 1000", "up", 2},
		{"restarted by a child that is waited for", "trap 'exit' TERM\nsvcrestart \"$PWD\" >out 2>&1 & wait", "up", 2},
		{"restarted by itself", "exec svcrestart \"$PWD\" >out 2>&1", "up", 2},
		{"restarted by a child that has escaped", "setsid sh -c 'svcrestart \"$PWD\" >out 2>&1' & exec sleep 1000", "up", 2},
		{"stopped by a child", "svcstop \"$PWD\" >out 2>&1 & exec sleep 1000", "down", 1},
		{"stopped by itself", "exec svcstop \"$PWD\" >out 2>&1", "down", 1},
		{"disabled by a child", "svcdisable \"$PWD\" >out 2>&1 & exec sleep 1000", "down", 1},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			modes(t, func(t *testing.T, options ...string) {
				t.Parallel()
				scan := t.TempDir()
				writeService(t, scan+"/x", "#!/bin/sh\necho >>starts\n[ $(wc -l <starts) -gt 1 ] && exec sleep 1000\n"+test.script+"\n")
				startSvscan(t, scan, options...)
				eventually(t, "x is "+test.state, func() bool {
					starts, _ := os.ReadFile(scan + "/x/starts")
					out, _ := os.ReadFile(scan + "/x/out")
					settled := strings.Count(string(out), "OK\n") >= 2 || test.starts == 1 && strings.HasSuffix(string(out), "Stopping "+scan+"/x ....OK\n")
					return len(starts) == test.starts && settled && (pid(t, scan+"/x") > 0) == (test.state == "up")
				})
			})
		})
	}
}
