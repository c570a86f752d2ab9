package multilog

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

func TestPortion(t *testing.T) {
	line := strings.Repeat("x", 99) + "\n"
	lines := func(n int) string { return strings.Repeat(line, n) }
	tests := []struct {
		name string
		text string
		size int64 // of the file, which may have 10000
		want int
	}{
		{"all that fits", lines(10), 0, 1000},
		{"all, up to the last 2000 bytes", lines(79), 0, 7900},
		{"not the part of a line that is near the end", lines(45) + "abc", 5000, 4500},
		{"a part of a line that is far from it", lines(10) + "abc", 0, 1003},
		{"whole lines of what does not fit", lines(200), 0, 10000},
		{"whole lines of a full file", lines(200), 9950, 50},
		{"whole lines, as many as fit", lines(200), 9101, 800},
		{"no newline in what fits", strings.Repeat("x", 5000), 9000, 1000},
		{"the newline comes too late", strings.Repeat("x", 5000) + "\n", 9000, 1000},
		{"the newline comes early", "\n" + strings.Repeat("x", 20000), 100, 1},
		{"one byte", "x", 9999, 1},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got := portion([]byte(test.text), test.size, 10000); got != test.want {
				t.Errorf("portion(%d bytes, %d, 10000) = %d, want %d", len(test.text), test.size, got, test.want)
			}
		})
	}
}

// A state is what is in a log directory: names, modes and contents. A label
// is shown as @.
type state []string

var label = regexp.MustCompile("@[0-9a-f]{24}")

// build makes what a state says in a new directory. A file that ends in + is a
// second link of the one before.
func build(t *testing.T, s state) string {
	t.Helper()
	dir := t.TempDir()
	var before string
	for _, entry := range s {
		var name, content string
		var mode os.FileMode
		if _, err := fmt.Sscanf(entry, "%s %o %s", &name, &mode, &content); err != nil {
			t.Fatalf("%q: %v", entry, err)
		}
		path := filepath.Join(dir, strings.Replace(name, "@", "@400000000000000000000001", 1))
		if content == "+" {
			if err := os.Link(before, path); err != nil {
				t.Fatal(err)
			}
			continue
		}
		before = path
		if err := os.WriteFile(path, []byte(strings.Trim(content, "'")), mode); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// inspect returns the state of a directory, without the lock.
func inspect(t *testing.T, dir string) (s state) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		if entry.Name() == lockFile {
			continue
		}
		info, err := entry.Info()
		if err != nil {
			t.Fatal(err)
		}
		content, err := os.ReadFile(filepath.Join(dir, entry.Name()))
		if err != nil {
			t.Fatal(err)
		}
		if len(content) == 0 {
			content = []byte("''")
		}
		s = append(s, fmt.Sprintf("%s %o %s", label.ReplaceAllString(entry.Name(), "@"), info.Mode(), content))
	}
	slices.Sort(s)
	return s
}

// TestRecover opens directories as they are left by a multilog, ours or the
// original, that is killed between any two steps of a rotation.
func TestRecover(t *testing.T) {
	const clean = "current 744 new"
	fresh := state{"current 644 ''", "state 644 ''"}
	tests := []struct {
		name string
		left state
		want state // besides what is fresh
	}{
		{"never written to", nil, nil},
		{"killed while it wrote", state{"current 644 new", "state 644 s"}, state{"@.u 644 new"}},
		{"current renamed", state{"previous 644 old", "state 644 s"}, state{"@.u 644 old"}},
		{"new current", state{"previous 644 old", "current 600 ''", "state 644 s"}, state{"@.u 644 old", "@.u 600 ''"}},
		{"mode of current set", state{"previous 644 old", "current 644 ''"}, state{"@.u 644 old", "@.u 644 ''"}},
		{"mode of previous set", state{"previous 744 old", "current 644 ''"}, state{"@.u 744 old", "@.u 644 ''"}},
		{"previous linked", state{"previous 744 old", "@.s 744 +", "current 644 ''"}, state{"@.s 744 old", "@.u 644 ''"}},
		{"previous removed", state{"@.s 744 old", "current 644 ''"}, state{"@.s 744 old", "@.u 644 ''"}},
		{"processor begun", state{"previous 744 old", "processed 644 ''", "current 644 ''", "newstate 644 ''", "state 644 s"},
			state{"@.u 744 old", "@.u 644 ''"}},
		{"processor at work", state{"previous 744 old", "processed 644 O", "current 644 ''", "newstate 644 n", "state 644 s"},
			state{"@.u 744 old", "@.u 644 ''"}},
		{"processed complete", state{"previous 744 old", "processed 744 OLD", "current 644 ''", "newstate 644 n", "state 644 s"},
			state{"@.s 744 OLD", "@.u 644 ''"}},
		{"previous of processed removed", state{"processed 744 OLD", "current 644 ''", "newstate 644 n", "state 644 s"},
			state{"@.s 744 OLD", "@.u 644 ''"}},
		{"state renamed", state{"processed 744 OLD", "current 644 ''", "state 644 n"}, state{"@.s 744 OLD", "@.u 644 ''"}},
		{"processed linked", state{"processed 744 OLD", "@.s 744 +", "current 644 ''", "state 644 n"}, state{"@.s 744 OLD", "@.u 644 ''"}},
		{"killed while it recovered", state{"@.u 644 old", "current 644 +", "state 644 s"}, state{"@.u 644 old"}},
		{"recovered but for state", state{"@.u 644 old"}, state{"@.u 644 old"}},
		{"recovered but for current", state{"@.u 644 old", "state 644 ''"}, state{"@.u 644 old"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			dir := build(t, test.left)
			openTest(t, spec{name: dir, size: minSize, keep: defaultKeep})
			want := append(slices.Clone(test.want), fresh...)
			slices.Sort(want)
			if got := inspect(t, dir); !slices.Equal(got, want) {
				t.Errorf("after %q: %q, want %q", test.left, got, want)
			}
		})
	}
	t.Run("clean", func(t *testing.T) {
		left := state{clean, "newstate 644 n", "previous 644 p", "processed 744 q", "state 644 s"}
		dir := build(t, left)
		openTest(t, spec{name: dir, size: minSize, keep: defaultKeep})
		left[0] = "current 644 new"
		if got := inspect(t, dir); !slices.Equal(got, left) {
			t.Errorf("a clean directory becomes %q, want %q", got, left)
		}
	})
}

// TestLog appends, rotates and closes.
func TestLog(t *testing.T) {
	text := func(s string) *string { return &s }
	tests := []struct {
		name string
		left state
		spec spec
		want state
	}{
		{"without a processor", nil, spec{}, state{"@.s 744 old", "current 744 new", "state 644 ''"}},
		{"with a processor", nil, spec{processor: text("tr a-z A-Z; echo n >&5")}, state{"@.s 744 OLD", "current 744 new", "state 644 n\n"}},
		{"with an empty one", nil, spec{processor: text("")}, state{"@.s 744 ''", "current 744 new", "state 644 ''"}},
		{"with a state", state{"current 744 ''", "state 644 s"}, spec{processor: text("cat <&4; cat <&4 >&5")},
			state{"@.s 744 s", "current 744 new", "state 644 ''"}},
		{"a previous file is left", state{"current 744 ''", "previous 600 p"}, spec{},
			state{"@.s 744 old", "@.u 600 p", "current 744 new"}},
		{"a newer log is there", state{"@.s 744 x", "current 744 ''"}, spec{}, state{"@.s 744 old", "@.s 744 x", "current 744 new"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Chdir(t.TempDir()) // and back: a processor changes it
			dir := build(t, test.left)
			test.spec.name, test.spec.size, test.spec.keep = dir, minSize, defaultKeep
			d := openTest(t, test.spec)
			d.Write([]byte("old"))
			d.rotate()
			d.Write([]byte("new"))
			d.close()
			if got := inspect(t, dir); !slices.Equal(got, test.want) {
				t.Errorf("the directory has %q, want %q", got, test.want)
			}
		})
	}
}

// Of hundreds of old logs, those with the least labels go.
func TestPrune(t *testing.T) {
	dir := t.TempDir()
	for i := range 500 {
		name := fmt.Sprintf("%s/@4000000000000000%08x.s", dir, i*7919%500)
		if err := os.WriteFile(name, nil, 0o744); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir(dir+"/@400000000000000000000000", 0o755); err != nil {
		t.Fatal(err)
	}
	d := openTest(t, spec{name: dir, size: minSize, keep: 3})
	if err := d.prune(); err != nil {
		t.Fatal(err)
	}
	var got []string
	logs := oldLogs{dir: d}
	for logs.next() {
		got = append(got, string(logs.name))
	}
	slices.Sort(got)
	// The current file that is not there leaves none behind.
	want := []string{"@4000000000000000000001f2.s", "@4000000000000000000001f3.s"}
	if logs.err != nil || !slices.Equal(got, want) {
		t.Errorf("old logs are %q (%v), want %q", got, logs.err, want)
	}
}

func TestOpenLogDirFails(t *testing.T) {
	dir := t.TempDir()
	openTest(t, spec{name: dir + "/used", size: minSize, keep: minKeep})
	if err := os.WriteFile(dir+"/file", nil, 0o644); err != nil {
		t.Fatal(err)
	}
	tests := []struct{ name, want string }{
		{"file", "unable to open directory " + dir + "/file: not a directory"},
		{"no/dir", "unable to open directory " + dir + "/no/dir: file does not exist"},
		{"used", "unable to lock directory " + dir + "/used: temporary failure"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := openLogDir(unix.AT_FDCWD, spec{name: dir + "/" + test.name}, &signals{event: -1})
			if err == nil || err.Error() != test.want {
				t.Errorf("openLogDir(%s) = %v, want %s", test.name, err, test.want)
			}
		})
	}
}
