package syn3state

import (
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// never fails if there is a warning.
func never(t *testing.T) func(error) {
	return func(err error) { t.Errorf("warning: %v", err) }
}

func TestSet(t *testing.T) {
	caution := &Record{"x", Caution, noon, "before"}
	tests := []struct {
		name    string
		before  *Record
		state   State
		message string
		old     State
		kept    bool // since when
	}{
		{"the first", nil, OK, "m", Unknown, false},
		{"the first, unknown", nil, Unknown, "m", Unknown, false},
		{"another state", caution, OK, "m", Caution, false},
		{"another state, same message", caution, Critical, "before", Caution, false},
		{"the same state", caution, Caution, "before", Caution, true},
		{"the same state, another message", caution, Caution, "m", Caution, true},
		{"no message", caution, Caution, "", Caution, true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			store := Store{t.TempDir()}
			if test.before != nil {
				check(t, os.WriteFile(store.Dir+"/x", test.before.encode(), 0o644))
			}
			began := time.Now()
			change, err := store.Set("x", test.state, test.message)
			if want := (Change{"x", test.old, test.state, test.message}); change != want || err != nil {
				t.Errorf("Set = %+v, %v, want %+v", change, err, want)
			}
			record, err := store.Get("x")
			if record.Name != "x" || record.State != test.state || record.Message != test.message || err != nil {
				t.Errorf("Get = %+v, %v, want %s, %q", record, err, test.state, test.message)
			}
			if test.kept != record.Since.Equal(noon) || !test.kept && record.Since.Before(began) {
				t.Errorf("since %v, want the old one: %v", record.Since, test.kept)
			}
		})
	}
}

func TestSetBadName(t *testing.T) {
	dir := t.TempDir()
	store := Store{dir + "/state"}
	for _, name := range []string{"", "..", "../x", lockFile, freshFile} {
		if _, err := store.Set(name, OK, ""); err == nil {
			t.Errorf("Set(%q) = nil, want an error", name)
		}
		if _, err := store.Get(name); err == nil {
			t.Errorf("Get(%q) = nil, want an error", name)
		}
	}
	if entries, _ := os.ReadDir(dir); len(entries) > 0 {
		t.Errorf("Set has made %v", entries)
	}
}

// Set makes what is missing, for all to read.
func TestModes(t *testing.T) {
	defer unix.Umask(unix.Umask(0o077))
	dir := t.TempDir()
	store := Store{dir + "/run/syn3/state"}
	_, err := store.Set("x", OK, "")
	check(t, err)
	for file, want := range map[string]fs.FileMode{
		"run":                        fs.ModeDir | 0o755,
		"run/syn3":                   fs.ModeDir | 0o755,
		"run/syn3/state":             fs.ModeDir | 0o755,
		"run/syn3/state/x":           0o644,
		"run/syn3/state/" + lockFile: 0o600,
	} {
		info, err := os.Stat(dir + "/" + file)
		check(t, err)
		if info.Mode() != want {
			t.Errorf("%s is %v, want %v", file, info.Mode(), want)
		}
	}
}

// A directory that exists is left as its owner wants it.
func TestModeKept(t *testing.T) {
	dir := t.TempDir()
	check(t, os.Chmod(dir, 0o700))
	_, err := Store{dir}.Set("x", OK, "")
	check(t, err)
	if info, _ := os.Stat(dir); info.Mode() != fs.ModeDir|0o700 {
		t.Errorf("Set has changed the mode to %v", info.Mode())
	}
}

func TestList(t *testing.T) {
	store := Store{t.TempDir()}
	for name, state := range map[string]State{"d": OK, "a": OK, "u": Unknown, "w": Critical, "c": Caution, "v": Critical} {
		_, err := store.Set(name, state, "")
		check(t, err)
	}
	records, err := store.List(never(t))
	check(t, err)
	if got, want := names(records), "v w c u a d"; got != want {
		t.Errorf("List = %s, want %s", got, want)
	}
}

func names(records []Record) string {
	var names []string
	for _, r := range records {
		names = append(names, r.Name)
	}
	return strings.Join(names, " ")
}

func TestListNothing(t *testing.T) {
	if records, err := (Store{t.TempDir() + "/missing"}).List(never(t)); records != nil || err != nil {
		t.Errorf("List = %v, %v, want nothing", records, err)
	}
}

// What is no record costs a warning, and is replaced by the next report.
func TestGarbage(t *testing.T) {
	const unread = ": not the record of a state"
	tests := []struct {
		name string
		make func(path string) error
		want string
	}{
		{"empty", func(path string) error { return os.WriteFile(path, nil, 0o644) }, unread},
		{"text", func(path string) error { return os.WriteFile(path, []byte("OK\n"), 0o644) }, unread},
		{"binary", func(path string) error { return os.WriteFile(path, []byte("\x00\xff\x00"), 0o644) }, unread},
		{"huge", func(path string) error {
			return os.WriteFile(path, append(Record{"x", OK, noon, ""}.encode(), make([]byte, maxRecord)...), 0o644)
		}, unread},
		{"FIFO", func(path string) error { return unix.Mkfifo(path, 0o644) }, unread},
		{"loop", func(path string) error { return os.Symlink("x", path) }, ": symbolic link loop"},
		{"device", func(path string) error { return os.Symlink("/dev/zero", path) }, unread},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			store := Store{t.TempDir()}
			check(t, test.make(store.Dir+"/x"))
			_, err := store.Set("y", OK, "")
			check(t, err)

			var warnings []string
			records, err := store.List(func(err error) { warnings = append(warnings, err.Error()) })
			want := []string{"unable to read " + store.Dir + "/x" + test.want}
			if names(records) != "y" || err != nil || !slices.Equal(warnings, want) {
				t.Errorf("List = %+v, %v with warnings %q, want y, %q", records, err, warnings, want)
			}
			if record, err := store.Get("x"); record != (Record{Name: "x", State: Unknown}) || err == nil {
				t.Errorf("Get = %+v, %v, want an error", record, err)
			}
			change, err := store.Set("x", Caution, "m")
			if want := (Change{"x", Unknown, Caution, "m"}); change != want || err != nil {
				t.Errorf("Set = %+v, %v, want %+v", change, err, want)
			}
			if record, err := store.Get("x"); record.State != Caution || err != nil {
				t.Errorf("Get = %+v, %v, want CAUTION", record, err)
			}
		})
	}
}

// A name that the store would not give is no reason to fail either.
func TestListBadName(t *testing.T) {
	store := Store{t.TempDir()}
	check(t, os.WriteFile(store.Dir+"/a\nb", Record{"x", OK, noon, ""}.encode(), 0o644))
	var warnings []string
	records, err := store.List(func(err error) { warnings = append(warnings, err.Error()) })
	if want := []string{`not the name of a service: "a\nb"`}; len(records) > 0 || err != nil || !slices.Equal(warnings, want) {
		t.Errorf("List = %v, %v with warnings %q, want %q", records, err, warnings, want)
	}
}

// What cannot be written leaves no trace.
func TestSetFails(t *testing.T) {
	tests := []struct {
		name, path string
		make       func(dir string) error
		want       string
	}{
		{"a file above", "file/state", func(dir string) error { return os.WriteFile(dir+"/file", nil, 0o644) },
			"unable to create DIR/file/state: not a directory"},
		{"a file instead", "file", func(dir string) error { return os.WriteFile(dir+"/file", nil, 0o644) },
			"unable to lock DIR/file/.lock: not a directory"},
		{"a directory as record", "state", func(dir string) error { return os.MkdirAll(dir+"/state/x", 0o755) },
			"unable to write DIR/state/x: file already exists"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			dir := t.TempDir()
			check(t, test.make(dir))
			store := Store{dir + "/" + test.path}
			change, err := store.Set("x", OK, "")
			if got := strings.ReplaceAll(fmt.Sprint(err), dir, "DIR"); got != test.want || change != (Change{}) {
				t.Errorf("Set = %+v, %s, want %s", change, got, test.want)
			}
			if _, err := os.Lstat(store.path(freshFile)); err == nil {
				t.Errorf("%s is left behind", freshFile)
			}
		})
	}
}

// TestWriters has many report at once. Each change must start from the state
// in which another left it, and readers see whole records only.
func TestWriters(t *testing.T) {
	const writers, reports = 8, 50
	store := Store{t.TempDir()}
	_, err := store.Set("x", OK, "")
	check(t, err)

	changes := make(chan Change, writers*reports)
	var group sync.WaitGroup
	for i := range writers {
		group.Go(func() {
			for j := range reports {
				change, err := store.Set("x", State((i+j)%2), strings.Repeat("m", i*100))
				if err != nil {
					t.Error(err)
				}
				if _, err := store.Get("x"); err != nil {
					t.Error(err)
				}
				changes <- change
			}
		})
	}
	group.Wait()
	close(changes)

	worse, better := 0, 0
	for change := range changes {
		worse += int(max(change.New-change.Old, 0))
		better += int(max(change.Old-change.New, 0))
	}
	last, err := store.Get("x")
	check(t, err)
	if worse-better != int(last.State) {
		t.Errorf("%d changes to CAUTION and %d to OK, but in the end it is %s", worse, better, last.State)
	}
}
