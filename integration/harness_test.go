// Package integration tests the program as its users meet it: real processes,
// real daemons, and the original tools beside ours.
package integration

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"syn3d/protocol"

	"golang.org/x/sys/unix"
)

// bin is a directory that holds syn3d and a link to it for every applet.
var bin string

const (
	patience = 20 * time.Second // for what should take a moment, on a busy machine
	glance   = 5 * time.Millisecond
)

func TestMain(m *testing.M) {
	leaveOrphans() // if that is what this process is for
	keepDescriptors()
	heedSignals()
	// Parallel tests spend their time waiting, not computing.
	flag.Set("test.parallel", "16")
	os.Exit(testMain(m))
}

// keepDescriptors keeps the descriptors of whoever runs the tests from what
// the tests run.
func keepDescriptors() {
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		panic(err)
	}
	for _, entry := range entries {
		if fd, _ := strconv.Atoi(entry.Name()); fd > 2 {
			unix.CloseOnExec(fd)
		}
	}
}

// heedSignals keeps from what the tests run that whoever runs the tests may
// have them ignore signals, in the background, say: what is caught here is at
// its default there.
func heedSignals() {
	for _, s := range []os.Signal{unix.SIGHUP, unix.SIGINT} {
		if signal.Ignored(s) {
			signal.Notify(make(chan os.Signal, 1), s)
		}
	}
}

func testMain(m *testing.M) int {
	dir, err := os.MkdirTemp("", "syn3d")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	bin = dir
	// What is tested is what make builds, with the control centre in it.
	build := exec.Command("sh", "-c", "make -C .. syn3d && cp ../syn3d "+bin)
	if out, err := build.CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "%s%v\n", out, err)
		return 1
	}
	names, err := exec.Command(bin+"/syn3d", "--list").Output()
	if err != nil {
		panic(err)
	}
	for _, name := range strings.Fields(string(names)) {
		if err := os.Symlink("syn3d", bin+"/"+name); err != nil {
			panic(err)
		}
	}
	os.Setenv("PATH", bin+":"+os.Getenv("PATH"))
	os.Setenv("SYN3_ROOT", bin) // what crashes here is not this system's concern
	return m.Run()
}

// modes runs test once with each way of svscan to keep services: hosted in
// its own process, and one supervise process each.
func modes(t *testing.T, test func(t *testing.T, options ...string)) {
	t.Run("hosted", func(t *testing.T) { test(t) })
	t.Run("forked", func(t *testing.T) { test(t, "-p") })
}

// A result is what a command has printed and how it has ended.
type result struct {
	out, err string
	code     int // 128 and the signal, if one has ended it
}

// run runs a command in dir to its end.
func run(t *testing.T, dir string, argv ...string) result {
	t.Helper()
	var out, errs bytes.Buffer
	cmd := exec.Command(argv[0], argv[1:]...)
	cmd.Dir, cmd.Stdout, cmd.Stderr = dir, &out, &errs
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatalf("%q: %v", argv, err)
	}
	return result{out.String(), errs.String(), exitCode(cmd.ProcessState)}
}

func exitCode(state *os.ProcessState) int {
	status := state.Sys().(syscall.WaitStatus)
	if status.Signaled() {
		return 128 + int(status.Signal())
	}
	return status.ExitStatus()
}

// eventually waits until condition holds.
func eventually(t *testing.T, what string, condition func() bool) {
	t.Helper()
	pause := glance
	for deadline := time.Now().Add(patience); !condition(); pause = min(pause*5/4, 10*glance) {
		if time.Now().After(deadline) {
			t.Fatalf("never: %s", what)
		}
		time.Sleep(pause)
	}
}

// A daemon is a long-running command, with what it has printed so far.
type daemon struct {
	t    *testing.T
	cmd  *exec.Cmd
	done chan struct{} // closed when it has ended

	mu     sync.Mutex
	output []byte // stdout and stderr; behind mu
}

// startDaemon starts a command in dir, and ends it and all that it has left
// behind when the test does.
func startDaemon(t *testing.T, dir string, argv ...string) *daemon {
	t.Helper()
	cmd := exec.Command(argv[0], argv[1:]...)
	cmd.Dir = dir
	return startCommand(t, cmd)
}

// startCommand does it with a command that has been prepared.
func startCommand(t *testing.T, cmd *exec.Cmd) *daemon {
	t.Helper()
	mark := fmt.Sprintf("SYN3D_TEST=%s/%d", t.Name(), time.Now().UnixNano())
	d := &daemon{t: t, cmd: cmd, done: make(chan struct{})}
	d.cmd.Env = append(d.cmd.Environ(), mark)
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	d.cmd.Stdout, d.cmd.Stderr = write, write
	if err := d.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go d.collect(read) // until nobody holds the other end
	go func() {
		d.cmd.Wait()
		write.Write(endMark)
		write.Close()
	}()
	t.Cleanup(func() {
		if !d.ended() {
			d.cmd.Process.Signal(unix.SIGTERM)
			select {
			case <-d.done:
			case <-time.After(patience):
				t.Errorf("%q does not end on TERM; it has said:\n%s", cmd.Args, d.said())
			}
		}
		killMarked(mark)
		if t.Failed() {
			t.Logf("%q has said:\n%s", cmd.Args, d.said())
		}
	})
	return d
}

// endMark follows in the pipe all that a command has printed when it has ended.
var endMark = []byte("\x00end\x00")

func (d *daemon) collect(read *os.File) {
	defer read.Close()
	buffer := make([]byte, 4096)
	for {
		n, err := read.Read(buffer)
		d.take(buffer[:n])
		if err != nil {
			return
		}
	}
}

// take adds to the output. With the end mark the command has ended, but what it
// has left behind may go on to print.
func (d *daemon) take(text []byte) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.output = append(d.output, text...)
	if before, after, ended := bytes.Cut(d.output, endMark); ended {
		d.output = slices.Concat(before, after)
		close(d.done)
	}
}

func (d *daemon) said() string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return string(d.output)
}

// awaitSaid waits until the command has printed text, and returns all that it
// has printed.
func (d *daemon) awaitSaid(text string) string {
	d.t.Helper()
	eventually(d.t, fmt.Sprintf("%q says %q", d.cmd.Args, text), func() bool { return strings.Contains(d.said(), text) })
	return d.said()
}

func (d *daemon) ended() bool {
	select {
	case <-d.done:
		return true
	default:
		return false
	}
}

// wait waits until the command has ended and returns its exit code.
func (d *daemon) wait() int {
	d.t.Helper()
	eventually(d.t, fmt.Sprintf("%q ends", d.cmd.Args), d.ended)
	return exitCode(d.cmd.ProcessState)
}

func (d *daemon) signal(s unix.Signal) { d.cmd.Process.Signal(s) }

// killMarked kills every process with that entry in its environment.
func killMarked(mark string) {
	environs, _ := filepath.Glob("/proc/[0-9]*/environ")
	for _, file := range environs {
		environ, _ := os.ReadFile(file)
		if bytes.Contains(append([]byte{0}, environ...), []byte("\x00"+mark+"\x00")) {
			pid, _ := strconv.Atoi(strings.Split(file, "/")[2])
			unix.Kill(pid, unix.SIGKILL)
		}
	}
}

// writeService makes a service directory with a run script, and with more
// files, as writeFiles does.
func writeService(t *testing.T, dir, script string, files ...string) {
	t.Helper()
	writeFiles(t, dir, append([]string{"run", script}, files...)...)
}

// writeFiles writes files, of which names and contents are given in turn.
// Contents that begin with #! make them executable, and a name that ends in /
// makes a directory.
func writeFiles(t *testing.T, dir string, files ...string) {
	t.Helper()
	for i := 0; i < len(files); i += 2 {
		name, content := filepath.Join(dir, files[i]), files[i+1]
		if strings.HasSuffix(files[i], "/") {
			name, content = filepath.Join(name, ".keep"), ""
		}
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		mode := fs.FileMode(0o644)
		if strings.HasPrefix(content, "#!") {
			mode = 0o755
		}
		if err := os.WriteFile(name, []byte(content), mode); err != nil {
			t.Fatal(err)
		}
	}
}

// forever is a run script of a service that stays up until it is told to end.
const forever = "#!/bin/sh\nexec sleep 100000\n"

// pid returns the process of a service, 0 if it is down, -1 if nothing is known
// of it. It reads what svstat would: a process for each look would keep the
// machine busy.
func pid(t *testing.T, dir string) int {
	t.Helper()
	status, err := protocol.ReadStatus(dir)
	if err != nil || protocol.Supervised(dir) != nil {
		return -1
	}
	return int(status.Pid)
}

// awaitUp waits until a service is up and returns its process.
func awaitUp(t *testing.T, dir string) (up int) {
	t.Helper()
	eventually(t, dir+" is up", func() bool { up = pid(t, dir); return up > 0 })
	return up
}

// awaitDown waits until a service is supervised and down.
func awaitDown(t *testing.T, dir string) {
	t.Helper()
	eventually(t, dir+" is down", func() bool { return pid(t, dir) == 0 })
}

// alive reports whether a process exists and is no zombie.
func alive(pid int) bool {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return false
	}
	_, state, _ := strings.Cut(string(stat), ") ")
	return !strings.HasPrefix(state, "Z") && !strings.HasPrefix(state, "X")
}

// original returns the path of a tool of Debian's package daemontools.
func original(t *testing.T, name string) string {
	t.Helper()
	return installed(t, "/usr/bin/"+name, "daemontools")
}

// installed returns path, and skips the test if the package that has it is
// not installed. In CI every package is.
func installed(t *testing.T, path, pkg string) string {
	t.Helper()
	if _, err := os.Stat(path); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatalf("%s is missing: install the package %s", path, pkg)
		}
		t.Skipf("%s is missing: this test needs the package %s", path, pkg)
	}
	return path
}
