package protocol

import (
	"os"
	"slices"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

func writeAfter(t *testing.T, dir, text string) {
	t.Helper()
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(dir+"/after", []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func TestAfter(t *testing.T) {
	for _, test := range []struct {
		name, text string
		want       []string
	}{
		{"empty", "", nil},
		{"names", "slapd\nnamed\n", []string{"slapd", "named"}},
		{"no newline at the end", "slapd", []string{"slapd"}},
		{"blanks and empty lines", "\n  slapd \n\n", []string{"slapd"}},
		{"what is no name", "..\n/etc\na/log\n.hidden\nok\n", []string{"ok"}},
	} {
		dir := t.TempDir()
		writeAfter(t, dir, test.text)
		if got := After(dir); !slices.Equal(got, test.want) {
			t.Errorf("%s: After(%q) = %q, want %q", test.name, test.text, got, test.want)
		}
	}
	if got := After(t.TempDir()); got != nil {
		t.Errorf("After without a file = %q, want none", got)
	}
}

func TestLeadsTo(t *testing.T) {
	scan := t.TempDir()
	for name, after := range map[string]string{"a": "b\nx\n", "b": "c\n", "c": "", "d": "e\n", "e": "d\n", "self": "self\n"} {
		writeAfter(t, scan+"/"+name, after)
	}
	for _, test := range []struct {
		name, to string
		want     bool
	}{
		{"a", "b", true},
		{"a", "c", true},
		{"a", "x", true}, // which is not there
		{"c", "a", false},
		{"d", "e", true},
		{"e", "d", true},
		{"d", "a", false}, // a ring, that ends all the same
		{"self", "self", true},
	} {
		if got := LeadsTo(scan, test.name, test.to); got != test.want {
			t.Errorf("LeadsTo(%s, %s) = %v, want %v", test.name, test.to, got, test.want)
		}
	}
}

// makeSupervised makes dir look like that of a service that is up since then.
func makeSupervised(t *testing.T, dir string, since time.Time) {
	t.Helper()
	if err := os.Mkdir(dir+"/"+StateDir, 0o700); err != nil {
		t.Fatal(err)
	}
	status := AppendStatus(nil, Status{Since: LabelOf(since), Pid: 1, Want: WantUp})
	if err := os.WriteFile(dir+"/"+StatusFile, status, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := unix.Mkfifo(dir+"/"+OkFile, 0o600); err != nil {
		t.Fatal(err)
	}
	fd, err := unix.Open(dir+"/"+OkFile, unix.O_RDONLY|unix.O_NONBLOCK, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { unix.Close(fd) })
}

// TestStartOutcome has services that nobody has verified yet.
func TestStartOutcome(t *testing.T) {
	script := func(mode os.FileMode) func(dir string) error {
		return func(dir string) error { return os.WriteFile(dir+"/start", nil, mode) }
	}
	watch := func(seconds string) func(dir string) error {
		return func(dir string) error { return os.WriteFile(dir+"/start-watch", []byte(seconds), 0o644) }
	}
	for _, test := range []struct {
		name string
		make func(dir string) error
		up   time.Duration
		want Outcome
	}{
		{"watched", watch("\n"), time.Second, Pending},
		{"up long enough", watch("\n"), StartWatch, Verified},
		{"watched for less", watch("0.5\n"), time.Second, Verified},
		{"watched for longer", watch("5\n"), 4 * time.Second, Pending},
		{"not watched", watch("0\n"), 0, Verified},
		{"a script will tell", script(0o755), time.Minute, Pending},
		{"no script", script(0o644), time.Minute, Verified},
		{"nor is a directory", func(dir string) error { return os.Mkdir(dir+"/start", 0o755) }, time.Minute, Verified},
	} {
		t.Run(test.name, func(t *testing.T) {
			dir, now := t.TempDir(), LabelOf(time.Now()).Time() // which a status can tell
			makeSupervised(t, dir, now.Add(-test.up))
			if err := test.make(dir); err != nil {
				t.Fatal(err)
			}
			if got := StartOutcome(dir, now); got != test.want {
				t.Errorf("StartOutcome() = %v, want %v", got, test.want)
			}
		})
	}
}
