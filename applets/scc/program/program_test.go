package main

import (
	"bufio"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// TestMain is the program itself if it is called as that.
func TestMain(m *testing.M) {
	if os.Args[0] == "scc" || os.Args[0] == webName {
		main()
	}
	os.Exit(m.Run())
}

// scc returns the program with arguments.
func scc(args ...string) *exec.Cmd {
	c := exec.Command("/proc/self/exe")
	c.Args = append([]string{"scc"}, args...)
	c.Env = []string{"SECRET=of root"}
	return c
}

// outcome runs the program to its end.
func outcome(t *testing.T, stdin string, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	c := scc(args...)
	var out, errs strings.Builder
	c.Stdin, c.Stdout, c.Stderr = strings.NewReader(stdin), &out, &errs
	err := c.Run()
	if failed := (*exec.ExitError)(nil); err != nil && !errors.As(err, &failed) {
		t.Fatal(err)
	}
	return out.String(), errs.String(), c.ProcessState.ExitCode()
}

func TestRefusals(t *testing.T) {
	dir := t.TempDir()
	file, open := filepath.Join(dir, "passwd"), filepath.Join(dir, "open")
	os.WriteFile(open, nil, 0o644)
	scan := filepath.Join(dir, "service")
	os.Mkdir(scan, 0o755)
	outcome(t, "correct horse\n", "--passwd", file, "passwd", "anna")
	tests := []struct {
		args string
		code int
		want string
	}{
		{"--bogus", 100, "flag provided but not defined: -bogus"},
		{"a b", 100, "usage: scc [--listen address]"},
		{"--listen 8027", 100, "--listen 8027: "},
		{"--listen unix:", 100, "--listen unix:: unix: wants a path"},
		{"--cert x", 100, "--cert and --key are for each other"},
		{"--passwd " + dir + "/none", 111, "unable to use " + dir + "/none: file does not exist: at 127.0.0.1:8027 " +
			"everybody has to log in. Make a password by: scc passwd NAME. Or serve root of this machine only: --listen unix:/run/scc.sock"},
		{"--passwd " + open, 111, "others may use it: chmod 600 " + open},
		{"--listen 0.0.0.0:0 --passwd " + dir + "/none", 111, "everybody has to log in"},
		{"--passwd " + file + " " + dir + "/none", 111, "unable to chdir to " + dir + "/none: file does not exist"},
		{"--listen unix:" + dir + "/none/socket " + scan, 111, "unable to listen at unix:" + dir + "/none/socket: file does not exist"},
		{"--listen 127.0.0.1:0 --cert " + dir + "/none --key x --passwd " + file + " " + scan, 111, "unable to read " + dir + "/none: file does not exist"},
		{"--listen 127.0.0.1:0 --cert " + open + " --key " + open + " --passwd " + file + " " + scan, 111, "unable to use the certificate: "},
		{"--listen unix:" + dir + "/socket --user nosuchaccount " + scan, 100, "unknown account nosuchaccount"},
		{"--listen unix:" + dir + "/socket --user root " + scan, 100, "--user root: this is root"},
		{"passwd", 100, "usage: scc passwd [--viewer] name"},
		{"passwd a b", 100, "usage: scc passwd [--viewer] name"},
		{"passwd --bogus anna", 100, "flag provided but not defined: -bogus"},
		{"passwd an:na", 100, "a name has 1 to 64 letters"},
		{"token an/na", 100, "a name has 1 to 64 letters"},
		{"--passwd " + open + " token anna", 111, "unable to change " + open + ": others may use it"},
	}
	for _, test := range tests {
		stdout, stderr, code := outcome(t, "", strings.Fields(test.args)...)
		if code != test.code || !strings.Contains(stderr, "scc: fatal: ") || !strings.Contains(stderr, test.want) || stdout != "" {
			t.Errorf("scc %s: %d %q %q, want %d %q", test.args, code, stdout, stderr, test.code, test.want)
		}
	}
	if left, _ := filepath.Glob(dir + "/socket*"); left != nil {
		t.Errorf("%v is left", left)
	}
}

func TestAccountCommands(t *testing.T) {
	file := filepath.Join(t.TempDir(), "syn3", "passwd")
	for stdin, want := range map[string]int{"correct horse\n": 0, "correct horse": 0, "": 100, "\n": 100, "short\n": 100} {
		if _, stderr, code := outcome(t, stdin, "--passwd", file, "passwd", "anna"); code != want {
			t.Errorf("a password of %q: %d %s, want %d", stdin, code, stderr, want)
		}
	}
	stdout, _, code := outcome(t, "", "--passwd", file, "token", "--viewer", "bert")
	text, _ := os.ReadFile(file)
	if !regexp.MustCompile(`^scc_[\w-]{43}\n$`).MatchString(stdout) || code != 0 {
		t.Errorf("a token: %d %q", code, stdout)
	}
	if !regexp.MustCompile(`^anna:admin:pbkdf2-sha256:600000:[^\n]+\nbert:viewer:sha256:[^\n]+\n$`).Match(text) {
		t.Errorf("the file is %q", text)
	}
}

// A running scc serves until the test ends.
type running struct {
	*exec.Cmd
	url    string
	ended  chan struct{} // closed when Wait has returned
	passwd string
	lines  chan string // of standard error, the first excepted
}

// run starts the program, with anna in the file of accounts.
func runScc(t *testing.T, args ...string) *running {
	t.Helper()
	dir := t.TempDir()
	r := &running{passwd: filepath.Join(dir, "passwd"), ended: make(chan struct{}), lines: make(chan string, 100)}
	scan := filepath.Join(dir, "service")
	os.Mkdir(scan, 0o755)
	outcome(t, "correct horse\n", "--passwd", r.passwd, "passwd", "anna")
	r.Cmd = scc(append(args, "--passwd", r.passwd, scan)...)
	stderr, err := r.StderrPipe()
	if err == nil {
		err = r.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(stderr)
	lines.Scan()
	_, r.url, _ = strings.Cut(lines.Text(), " at ")
	go func() {
		for lines.Scan() {
			r.lines <- lines.Text()
		}
		close(r.lines)
		r.Wait()
		close(r.ended)
	}()
	t.Cleanup(func() {
		r.Process.Kill()
		<-r.ended
	})
	if r.url == "" {
		t.Fatalf("it says %q", lines.Text())
	}
	return r
}

var anyCertificate = &http.Client{
	Transport:     &http.Transport{DisableKeepAlives: true, TLSClientConfig: &tls.Config{InsecureSkipVerify: true}},
	CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
}

// logIn returns the status of a login.
func (r *running) logIn(t *testing.T, password string) int {
	t.Helper()
	response, err := anyCertificate.PostForm(r.url+"login", url.Values{"name": {"anna"}, "password": {password}})
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	io.ReadAll(response.Body)
	return response.StatusCode
}

func (r *running) checkLogin(t *testing.T) {
	t.Helper()
	if got := r.logIn(t, "wrong horse"); got != 401 {
		t.Errorf("login with a wrong password: %d", got)
	}
	if got := r.logIn(t, "correct horse"); got != 303 {
		t.Errorf("login: %d", got)
	}
}

// finish has it end, and returns its exit code.
func (r *running) finish(signal unix.Signal) int {
	r.Process.Signal(signal)
	<-r.ended
	return r.ProcessState.ExitCode()
}

func TestServes(t *testing.T) {
	r := runScc(t, "--listen", "127.0.0.1:0")
	if !strings.HasPrefix(r.url, "http://127.0.0.1:") {
		t.Errorf("it serves at %s", r.url)
	}
	r.checkLogin(t)
	if code := r.finish(unix.SIGTERM); code != 0 {
		t.Errorf("it ends with %d", code)
	}
}

func TestServesUnixSocket(t *testing.T) {
	path := filepath.Join(t.TempDir(), "socket")
	r := runScc(t, "--listen", "unix:"+path)
	if info, err := os.Stat(path); err != nil || info.Mode() != os.ModeSocket|0o600 {
		t.Errorf("the socket: %v, %v", info, err)
	}
	if code := r.finish(unix.SIGINT); code != 0 {
		t.Errorf("it ends with %d", code)
	}
	if _, err := os.Stat(path); err == nil {
		t.Error("the socket is left")
	}
}

func TestServesTLS(t *testing.T) {
	r := runScc(t, "--listen", "0.0.0.0:0")
	if line := <-r.lines; !regexp.MustCompile(`fingerprint of the certificate is [0-9A-F]{2}(:[0-9A-F]{2}){31}$`).MatchString(line) {
		t.Errorf("it says %q", line)
	}
	_, port, _ := strings.Cut(r.url, "0.0.0.0")
	r.url = "https://127.0.0.1" + port
	r.checkLogin(t)
	if _, err := anyCertificate.Get("http://127.0.0.1" + port); err == nil {
		if response, _ := anyCertificate.Get("http://127.0.0.1" + port); response.StatusCode != 400 {
			t.Errorf("without TLS: %d", response.StatusCode)
		}
	}
}

// TestServesApart looks at the process that serves the pages.
func TestServesApart(t *testing.T) {
	needRoot(t)
	for _, listen := range []string{"127.0.0.1:0", "0.0.0.0:0"} {
		r := runScc(t, "--user", "nobody", "--listen", listen)
		r.url = strings.Replace(r.url, "0.0.0.0", "127.0.0.1", 1)
		r.checkLogin(t)
		pid := r.pagesPid(t)
		status := read(t, pid, "status")
		for _, want := range []string{"\nUid:\t65534\t65534\t65534\t65534\n", "\nGid:\t65534\t65534\t65534\t65534\n",
			"\nGroups:\t \n", "\nNoNewPrivs:\t1\n", "\nCapEff:\t0000000000000000\n"} {
			if !strings.Contains(status, want) {
				t.Errorf("its status lacks %q: %s", want, status)
			}
		}
		if strings.Contains(read(t, r.Process.Pid, "status"), "NoNewPrivs:\t1") {
			t.Error("the agent has lost its rights")
		}
		if got := read(t, pid, "environ"); got != "" {
			t.Errorf("its environment is %q", got)
		}
		// What others of its account may not look into belongs to root there.
		var st unix.Stat_t
		if unix.Stat(fmt.Sprintf("/proc/%d/mem", pid), &st); st.Uid != 0 {
			t.Errorf("its memory is for uid %d to read", st.Uid)
		}
		if code := r.finish(unix.SIGTERM); code != 0 {
			t.Errorf("it ends with %d", code)
		}
		r.waitForPages(t, pid)
	}
}

// TestApartOnUnixSocket has the agent's owner come by a socket that the process
// for the pages could not even open.
func TestApartOnUnixSocket(t *testing.T) {
	needRoot(t)
	path := filepath.Join(t.TempDir(), "socket")
	r := runScc(t, "--user", "nobody", "--listen", "unix:"+path)
	pid := r.pagesPid(t)
	r.finish(unix.SIGTERM)
	r.waitForPages(t, pid)
	if _, err := os.Stat(path); err == nil {
		t.Error("the socket is left")
	}
}

func TestApartEndTogether(t *testing.T) {
	needRoot(t)
	r := runScc(t, "--user", "nobody", "--listen", "127.0.0.1:0")
	pid := r.pagesPid(t)
	unix.Kill(pid, unix.SIGKILL)
	<-r.ended
	if code := r.ProcessState.ExitCode(); code != 111 {
		t.Errorf("it ends with %d", code)
	}
	if line := <-r.lines; line != "scc: fatal: the process for the pages has ended: signal: killed" {
		t.Errorf("it says %q", line)
	}

	r = runScc(t, "--user", "nobody", "--listen", "127.0.0.1:0")
	pid = r.pagesPid(t)
	r.Process.Kill() // its standard error stays open until the other one has ended
	r.waitForPages(t, pid)
}

func needRoot(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root can start a process of another user")
	}
}

// pagesPid returns the pid of the process that serves the pages.
func (r *running) pagesPid(t *testing.T) (pid int) {
	t.Helper()
	eventually(t, "there is no process for the pages", func() bool {
		children := fmt.Sprintf("/proc/%d/task/*/children", r.Process.Pid)
		files, _ := filepath.Glob(children)
		for _, file := range files {
			text, _ := os.ReadFile(file)
			for child := range strings.FieldsSeq(string(text)) {
				if n, _ := strconv.Atoi(child); isForPages(n) {
					pid = n
				}
			}
		}
		return pid != 0
	})
	t.Cleanup(func() { // it may be left only where a test fails, which would wait for it
		if isForPages(pid) {
			unix.Kill(pid, unix.SIGKILL)
		}
	})
	return pid
}

func isForPages(pid int) bool {
	command, _ := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid))
	return strings.HasPrefix(string(command), webName)
}

func (r *running) waitForPages(t *testing.T, pid int) {
	t.Helper()
	eventually(t, "the process for the pages lives", func() bool { return !isForPages(pid) })
}

func read(t *testing.T, pid int, name string) string {
	t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/%s", pid, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func eventually(t *testing.T, otherwise string, is func() bool) {
	t.Helper()
	for range 1000 {
		if is() {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatal(otherwise)
}
