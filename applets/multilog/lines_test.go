package multilog

import (
	"bytes"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// play runs a script on text that comes in pieces, and returns what is in the
// logs and status files then.
func play(t *testing.T, args []string, text []byte, pieces *rand.Rand) []string {
	t.Helper()
	dir := t.TempDir()
	s := parse(args)
	l := newLines(&s)
	signals := &signals{event: -1}
	for i := range s.statuses {
		status, err := openStatus(unix.AT_FDCWD, s.statuses[i], signals)
		if err != nil {
			t.Fatal(err)
		}
		defer unix.Close(status.fd)
		l.statuses = append(l.statuses, status)
	}
	for i, spec := range s.dirs {
		spec.name = filepath.Join(dir, string(rune('a'+i)))
		l.add(openTest(t, spec))
	}
	l.readAll(func(buffer []byte) int {
		n := min(1+pieces.IntN(5000), len(text), len(buffer))
		copy(buffer, text[:n])
		text = text[n:]
		return n
	})
	var contents []string
	for _, d := range l.dirs {
		d.close()
		contents = append(contents, readLog(t, d.name))
	}
	return contents
}

// openTest opens a log directory, which is closed when the test ends.
func openTest(t *testing.T, spec spec) *logDir {
	t.Helper()
	d, err := openLogDir(unix.AT_FDCWD, spec, &signals{event: -1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		for _, fd := range []int{d.fd, d.lockFD, d.current} {
			unix.Close(fd)
		}
	})
	return d
}

// readLog returns what all files of a log have in them, the oldest first.
func readLog(t *testing.T, dir string) string {
	t.Helper()
	names, err := filepath.Glob(dir + "/@*")
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(names)
	var all strings.Builder
	for _, name := range append(names, dir+"/"+currentFile) {
		content, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		all.Write(content)
	}
	return all.String()
}

// expected does line by line what a script without labels says.
func expected(args []string, text []byte) []string {
	s := parse(args)
	contents := make([]string, len(s.dirs))
	for line := range bytes.Lines(text) {
		line = bytes.TrimSuffix(line, []byte("\n"))
		seen := line[:min(len(line), lineMax)]
		selected := true
		dir := 0
		for _, arg := range args {
			switch first(arg) {
			case '+':
				selected = selected || matches(arg[1:], seen)
			case '-':
				selected = selected && !matches(arg[1:], seen)
			case '.', '/':
				if selected {
					contents[dir] += string(line) + "\n"
				}
				dir++
			}
		}
	}
	return contents
}

func TestLines(t *testing.T) {
	long := strings.Repeat("long ", 2000)
	scripts := []string{
		"./d",
		"./d s4096 ./e",
		"-*x* ./d",
		"./d -* +*x* ./e +*y ./f -x* ./g",
		"-* +x* s4096 ./d",
		"-*x ./d +long* ./e",
	}
	texts := []struct{ name, text string }{
		{"nothing", ""},
		{"short lines", strings.Repeat("x\ny\n\nxy\nyx\nabc x\n", 1500)},
		{"no newline at the end", "x\ny\nx"},
		{"long lines", strings.Repeat(long+"x\nx\n"+long+"\n"+"y\n", 2)},
		{"a long line at the end", "x\n" + long},
		{"about as long as can be seen", strings.Repeat(long[:999]+"\n"+long[:1000]+"\n"+long[:1001]+"\n"+long[:999]+"x\n"+long[:1000]+"x\n", 5)},
	}
	for _, text := range texts {
		for _, script := range scripts {
			t.Run(text.name+"/"+script, func(t *testing.T) {
				args := strings.Split("n10000 "+script, " ")
				got, want := play(t, args, []byte(text.text), rand.New(rand.NewPCG(1, 2))), expected(args, []byte(text.text))
				for i := range want {
					if got[i] != want[i] {
						t.Errorf("directory %d has %d bytes %.100q, want %d bytes %.100q", i, len(got[i]), got[i], len(want[i]), want[i])
					}
				}
			})
		}
	}
}

func FuzzLines(f *testing.F) {
	f.Add("./d\n-*\n+a*\n./e\ns4096\n+*b\n./f", []byte("a\nb\n\nab\nba"), uint64(1))
	f.Add("-x*\n./d", bytes.Repeat([]byte("x\nyyyyyyyyyyyyyyyyyyyyyyyyyyy"), 100), uint64(2))
	f.Fuzz(func(t *testing.T, script string, text []byte, seed uint64) {
		args := []string{"n100000"}
		for _, arg := range strings.Split(script, "\n") {
			if strings.IndexByte("+-./s", first(arg)) >= 0 && len(args) < 10 {
				args = append(args, arg)
			}
		}
		text = bytes.Repeat(text[:min(len(text), 1000)], 1+int(seed%20))
		got, want := play(t, args, text, rand.New(rand.NewPCG(seed, 0))), expected(args, text)
		if !slices.Equal(got, want) {
			t.Errorf("%q makes of %q: %q, want %q", args, text, got, want)
		}
	})
}

func TestStatus(t *testing.T) {
	tests := []struct{ name, script, want string }{
		{"the last line", "=A", "c"},
		{"the last that is selected", "-c =A", "b"},
		{"twice the same file", "=A -c =A", "c"},
		{"the same file, the other way round", "-c =A +c =A", "c"},
		{"others between", "=A =B -c =A", "c"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Chdir(t.TempDir())
			play(t, strings.Split(test.script, " "), []byte("a\nb\nc\n"), rand.New(rand.NewPCG(1, 1)))
			got, err := os.ReadFile("A")
			want := test.want + strings.Repeat("\n", statusSize-len(test.want))
			if err != nil || string(got) != want {
				t.Errorf("%q: the file has %q (%v), want %q", test.script, got, err, test.want)
			}
		})
	}
}
