package integration

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// A realDaemon is a program of Debian's that is supervised for real.
type realDaemon struct {
	path, pkg string
	script    string                                  // its run script, with PORT to be filled in
	say       func(address string, word string) error // makes it write word to its log
}

func TestRealDaemons(t *testing.T) {
	t.Parallel()
	daemons := map[string]realDaemon{
		"nginx": {"/usr/sbin/nginx", "nginx", nginxRun, sayToNginx},
		"redis": {"/usr/bin/redis-server", "redis-server", redisRun, sayToRedis},
	}
	for name, d := range daemons {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			installed(t, d.path, d.pkg)
			modes(t, func(t *testing.T, options ...string) {
				t.Parallel()
				testRealDaemon(t, d, options...)
			})
		})
	}
}

const nginxRun = `#!/bin/sh
exec 2>&1
cat >conf <<END
daemon off;
pid $PWD/pid;
events {}
http {
	access_log /dev/stdout;
	client_body_temp_path $PWD/body;
	proxy_temp_path $PWD/proxy;
	fastcgi_temp_path $PWD/fastcgi;
	uwsgi_temp_path $PWD/uwsgi;
	scgi_temp_path $PWD/scgi;
	server { listen 127.0.0.1:PORT; return 200 hello; }
}
END
exec /usr/sbin/nginx -e stderr -p "$PWD" -c "$PWD/conf"
`

func sayToNginx(address, word string) error {
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	response, err := client.Get("http://" + address + "/" + word)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err == nil && string(body) != "hello" {
		return fmt.Errorf("nginx answers %q", body)
	}
	return err
}

const redisRun = `#!/bin/sh
exec 2>&1
exec /usr/bin/redis-server --bind 127.0.0.1 --port PORT --save '' --enable-debug-command yes
`

func sayToRedis(address, word string) error {
	conn, err := net.Dial("tcp", address)
	if err != nil {
		return err
	}
	defer conn.Close()
	fmt.Fprintf(conn, "DEBUG LOG %s\r\n", word)
	answer := make([]byte, 64)
	n, err := conn.Read(answer)
	if err == nil && string(answer[:n]) != "+OK\r\n" {
		return fmt.Errorf("redis answers %q", answer[:n])
	}
	return err
}

// testRealDaemon starts a daemon, lets it crash and return, and stops it. It
// takes whoever can be connected to for the one that svstat tells of.
func testRealDaemon(t *testing.T, d realDaemon, options ...string) {
	scan, address := t.TempDir(), freeAddress(t)
	dir, log := scan+"/x", scan+"/x/log/lines"
	_, port, _ := net.SplitHostPort(address)
	writeService(t, dir, strings.ReplaceAll(d.script, "PORT", port), "down", "",
		"log/run", "#!/bin/sh\nexec cat >>lines\n")
	svscan := startSvscan(t, scan, options...)
	awaitDown(t, dir)

	if r := run(t, "/", "svcstart", dir); r != (result{"Starting " + dir + " ....OK\n", "", 0}) {
		t.Fatalf("svcstart = %+v", r)
	}
	before := numbered("before", 100)
	sayAll(t, d, address, before)
	eventually(t, "the log has all that was said", func() bool { return missing(t, log, before) == nil })

	first := pid(t, dir)
	killTree(first)
	eventually(t, "another instance", func() bool { now := pid(t, dir); return now > 0 && now != first })
	eventually(t, "it answers", func() bool { return d.say(address, "hello") == nil })
	after := numbered("after", 100)
	sayAll(t, d, address, after)

	second := pid(t, dir)
	if r := run(t, "/", "svcstop", dir); r != (result{"Stopping " + dir + " ....OK\n", "", 0}) {
		t.Errorf("svcstop = %+v", r)
	}
	if conn, err := net.Dial("tcp", address); err == nil {
		conn.Close()
		t.Errorf("%s still answers after svcstop", address)
	}
	if alive(second) {
		t.Errorf("process %d survives svcstop", second)
	}
	svscan.signal(unix.SIGTERM)
	if code := svscan.wait(); code != 0 {
		t.Errorf("svscan ends with %d on TERM, want 0", code)
	}
	if absent := missing(t, log, slices.Concat(before, after)); absent != nil {
		t.Errorf("the log lacks %q", absent)
	}
}

func sayAll(t *testing.T, d realDaemon, address string, words []string) {
	t.Helper()
	for _, word := range words {
		if err := d.say(address, word); err != nil {
			t.Fatal(err)
		}
	}
}

// freeAddress returns one of the loopback that nobody listens on.
func freeAddress(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().String()
}

// killTree kills a process and its children. It comes first: it would start
// another child for each that dies.
func killTree(pid int) {
	for _, process := range append([]int{pid}, children(pid)...) {
		unix.Kill(process, unix.SIGKILL)
	}
}

// children returns the processes that a process is the parent of.
func children(pid int) (pids []int) {
	lists, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", pid))
	for _, file := range lists {
		list, _ := os.ReadFile(file)
		for _, field := range strings.Fields(string(list)) {
			child, _ := strconv.Atoi(field)
			pids = append(pids, child)
		}
	}
	return pids
}
