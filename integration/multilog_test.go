package integration

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// TestMultilogKilled kills multilog 200 times, most of them while it rotates,
// and accounts for every line. What has been written is in the log exactly
// once, in its place, whatever comes later; only what was in flight, read but
// not written, is lost.
func TestMultilogKilled(t *testing.T) {
	t.Parallel()
	const kills = 200
	for _, script := range []string{"", "!cat"} {
		t.Run("processor "+script, func(t *testing.T) {
			t.Parallel()
			f := newFeed(t, script)
			for range kills {
				f.runUntilKilled(t)
			}
			f.runToTheEnd(t)
			f.account(t)
		})
	}
}

// A feed writes numbered lines to the standard input of one multilog after the
// other, as a supervisor's log pipe would.
type feed struct {
	dir         string // holds log, and copy, which is written after it
	args        []string
	read, write *os.File
	random      *rand.Rand
	next        int          // number of the next line
	unconfirmed map[int]bool // lines that were not in the log when multilog was killed
}

func newFeed(t *testing.T, script string) *feed {
	t.Helper()
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { read.Close(); write.Close() })
	return &feed{
		dir: t.TempDir(), read: read, write: write,
		args:        []string{"n1000000", "s4096", script, "./log", "s16777215", "./copy"},
		random:      rand.New(rand.NewPCG(3, 4)),
		unconfirmed: map[int]bool{},
	}
}

func (f *feed) start(t *testing.T) *exec.Cmd {
	t.Helper()
	cmd := exec.Command(bin+"/multilog", f.args...)
	cmd.Dir, cmd.Stdin, cmd.Stderr = f.dir, f.read, os.Stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return cmd
}

// runUntilKilled starts a multilog, feeds it with a few blocks of lines, and
// kills it at a random moment while it has one more.
func (f *feed) runUntilKilled(t *testing.T) {
	t.Helper()
	cmd := f.start(t)
	blocks := f.random.IntN(4)
	for range blocks {
		last := f.send(t)
		eventually(t, "the log has "+last, func() bool { return f.confirmed(last) })
	}
	from := f.next
	f.send(t)
	delay := 5 * time.Millisecond // for a rotation
	if blocks == 0 {
		delay = 30 * time.Millisecond // for the start, too
	}
	time.Sleep(time.Duration(f.random.Int64N(int64(delay))))
	cmd.Process.Kill()
	cmd.Wait()
	f.awaitUnlocked(t)
	left := f.left(t)
	for line := from; line < f.next; line++ {
		f.unconfirmed[line] = !strings.Contains(left, fmt.Sprintf("%099d\n", line))
	}
}

// awaitUnlocked waits until no processor holds the lock any more: one that is
// just being forked does, until it is executed.
func (f *feed) awaitUnlocked(t *testing.T) {
	t.Helper()
	lock, err := os.Open(f.dir + "/log/lock")
	if err != nil {
		return // killed before there was one
	}
	defer lock.Close()
	eventually(t, "the log is unlocked", func() bool {
		return unix.Flock(int(lock.Fd()), unix.LOCK_EX|unix.LOCK_NB) == nil
	})
}

// left returns what a multilog that has been killed has left in the last files
// of the log. What is in them must stay.
func (f *feed) left(t *testing.T) string {
	t.Helper()
	files, err := filepath.Glob(f.dir + "/log/@*")
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(files)
	files = append(files[max(0, len(files)-5):], f.dir+"/log/previous", f.dir+"/log/current")
	if info, err := os.Stat(f.dir + "/log/processed"); err == nil && info.Mode()&0o100 != 0 {
		files = append(files, f.dir+"/log/processed")
	}
	var all strings.Builder
	for _, file := range files {
		content, _ := os.ReadFile(file) // which need not be there
		all.Write(content)
	}
	return all.String()
}

// send sends a block of lines, mostly enough for a rotation, and returns the
// last of them.
func (f *feed) send(t *testing.T) (last string) {
	t.Helper()
	var block strings.Builder
	for range 10 + f.random.IntN(30) { // not more than can be written at once
		last = fmt.Sprintf("%099d\n", f.next)
		block.WriteString(last)
		f.next++
	}
	if _, err := io.WriteString(f.write, block.String()); err != nil {
		t.Fatal(err)
	}
	return last
}

// confirmed reports whether a line is in the copy, which gets it when the log
// has got it.
func (f *feed) confirmed(line string) bool {
	content, err := os.ReadFile(f.dir + "/copy/current")
	return err == nil && bytes.HasSuffix(content, []byte(line))
}

func (f *feed) runToTheEnd(t *testing.T) {
	t.Helper()
	cmd := f.start(t)
	f.send(t)
	f.write.Close()
	if err := cmd.Wait(); err != nil {
		t.Fatal(err)
	}
}

// account goes through the log.
func (f *feed) account(t *testing.T) {
	t.Helper()
	next, lost := 0, 0
	for _, line := range f.logged(t) {
		got, err := strconv.Atoi(line)
		if err != nil || len(line) != 99 {
			t.Fatalf("the log has %q behind %d", line, next-1)
		}
		if got < next {
			t.Fatalf("the log has %d behind %d", got, next-1)
		}
		for ; next < got; next++ {
			lost++
			if !f.unconfirmed[next] {
				t.Errorf("the log lacks %d, which it has had", next)
			}
		}
		next++
	}
	if next != f.next {
		t.Errorf("the log ends with %d, want %d", next-1, f.next-1)
	}
	t.Logf("%d lines, %d of them lost in flight", f.next, lost)
}

// logged returns the lines of the log, but for what a kill has cut off.
func (f *feed) logged(t *testing.T) (lines []string) {
	t.Helper()
	for _, content := range logFiles(t, f.dir+"/log") {
		whole := content[:strings.LastIndexByte(content, '\n')+1]
		for line := range strings.Lines(whole) {
			lines = append(lines, strings.TrimSuffix(line, "\n"))
		}
	}
	return lines
}

// logFiles returns the contents of the files of a log, the oldest first.
func logFiles(t *testing.T, dir string) (contents []string) {
	t.Helper()
	names, err := filepath.Glob(dir + "/@*")
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(names)
	for _, name := range append(names, dir+"/current") {
		content, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		contents = append(contents, string(content))
	}
	return contents
}

// logger is a multilog and the writing end of its standard input.
type logger struct {
	*daemon
	input *os.File
}

// startMultilog starts a multilog in dir.
func startMultilog(t *testing.T, dir string, script ...string) logger {
	t.Helper()
	fifo := t.TempDir() + "/input"
	if err := unix.Mkfifo(fifo, 0o600); err != nil {
		t.Fatal(err)
	}
	shell := []string{"/bin/sh", "-c", `exec multilog "$@" < '` + fifo + `'`, "sh"}
	d := startDaemon(t, dir, append(shell, script...)...)
	input, err := os.OpenFile(fifo, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { input.Close() })
	return logger{d, input}
}

// TestMultilogFullDisk fills a disk under a log. Nothing is lost, TERM is
// heard but does not make a difference to that, and the log on another file
// system has everything, too.
func TestMultilogFullDisk(t *testing.T) {
	t.Parallel()
	small, dir := t.TempDir(), t.TempDir()
	if err := unix.Mount("tmpfs", small, "tmpfs", 0, "size=64k"); err != nil {
		if errors.Is(err, unix.EPERM) {
			t.Skip("to mount a small file system this test needs root")
		}
		t.Fatal(err)
	}
	t.Cleanup(func() { unix.Unmount(small, unix.MNT_DETACH) })
	var text strings.Builder
	for i := range 300 {
		fmt.Fprintf(&text, "%099d\n", i)
	}
	l := startMultilog(t, dir, "n100", "s4096", small+"/log", "./log")
	eventually(t, "the log is open", func() bool { _, err := os.Stat(dir + "/log/current"); return err == nil })
	fill(t, small+"/fill")
	if _, err := io.WriteString(l.input, text.String()); err != nil {
		t.Fatal(err)
	}

	warning := "multilog: warning: unable to write to " + small + "/log/current, pausing: out of disk space\n"
	l.awaitSaid(warning)
	l.signal(unix.SIGTERM)
	l.awaitSaid(warning + warning)
	if err := os.Remove(small + "/fill"); err != nil {
		t.Fatal(err)
	}
	l.signal(unix.SIGALRM)
	if code := l.wait(); code != 0 {
		t.Errorf("multilog ends with %d, want 0", code)
	}
	for _, log := range []string{small + "/log", dir + "/log"} {
		if got := strings.Join(logFiles(t, log), ""); got != text.String() {
			t.Errorf("%s has %d bytes, want %d", log, len(got), text.Len())
		}
	}
}

// TestMultilogManyDirectories sends each line to one of hundreds of
// directories, and some to all of them.
func TestMultilogManyDirectories(t *testing.T) {
	t.Parallel()
	const dirs = 300
	dir := t.TempDir()
	var script []string
	var input, all strings.Builder
	for i := range dirs {
		script = append(script, "-*", fmt.Sprintf("+%d *", i), "+all *", fmt.Sprintf("./d%d", i))
		fmt.Fprintf(&input, "%d first\nall lines %d\n%d second\n", i, i, i)
		fmt.Fprintf(&all, "all lines %d\n", i)
	}
	cmd := exec.Command(bin+"/multilog", script...)
	cmd.Dir, cmd.Stdin = dir, strings.NewReader(input.String())
	if out, err := cmd.CombinedOutput(); err != nil || len(out) > 0 {
		t.Fatalf("multilog: %v\n%s", err, out)
	}
	for i := range dirs {
		before, behind, _ := strings.Cut(all.String(), fmt.Sprintf("all lines %d\n", i))
		want := fmt.Sprintf("%s%d first\nall lines %d\n%d second\n%s", before, i, i, i, behind)
		if got := strings.Join(logFiles(t, fmt.Sprintf("%s/d%d", dir, i)), ""); got != want {
			t.Errorf("d%d has %q, want %q", i, got, want)
		}
	}
}

// TestMultilogLongLine sends a line of 100 MB. It does not have to be in
// memory.
func TestMultilogLongLine(t *testing.T) {
	t.Parallel()
	const size, most = 100_000_000, 16 << 10 // in KB
	for _, script := range []string{"", "t", "-nothing*"} {
		t.Run("script "+script, func(t *testing.T) {
			dir := t.TempDir()
			l := startMultilog(t, dir, script, "s16777215", "n100", "./d")
			if _, err := io.CopyN(l.input, zeros{}, size); err != nil {
				t.Fatal(err)
			}
			if used := peak(t, l.cmd.Process.Pid); used > most {
				t.Errorf("multilog has used %d KB of memory, want less than %d", used, most)
			}
			l.input.Close()
			if code := l.wait(); code != 0 {
				t.Fatalf("multilog ends with %d, want 0", code)
			}
			want := size + len("\n")
			if script == "t" {
				want += len("@400000000000000000000000 ")
			}
			if got := len(strings.Join(logFiles(t, dir+"/d"), "")); got != want {
				t.Errorf("the log has %d bytes, want %d", got, want)
			}
		})
	}
}

// peak returns how many KB of memory a process has used at most.
func peak(t *testing.T, pid int) (used int) {
	t.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		t.Fatal(err)
	}
	_, line, _ := strings.Cut(string(status), "\nVmHWM:")
	if _, err := fmt.Sscan(line, &used); err != nil {
		t.Fatalf("VmHWM: %v", err)
	}
	return used
}

// zeros reads as NUL bytes without end.
type zeros struct{}

func (zeros) Read(buffer []byte) (int, error) {
	clear(buffer)
	return len(buffer), nil
}
