package supervisor

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"syn3d/protocol"

	"golang.org/x/sys/unix"
)

// newDir makes a service directory with a directory supervise.
func newDir(t *testing.T) *dir {
	t.Helper()
	name := t.TempDir()
	if err := os.Mkdir(name+"/supervise", 0o700); err != nil {
		t.Fatal(err)
	}
	d, err := openDir(name)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(d.close)
	return d
}

func TestOpenFIFO(t *testing.T) {
	tests := []struct {
		name    string
		prepare func(file string) error
		want    string // the error, without the name of the directory; "" for none
	}{
		{"missing", func(string) error { return nil }, ""},
		{"there", func(file string) error { return unix.Mkfifo(file, 0o600) }, ""},
		{"a link to one", func(file string) error {
			unix.Mkfifo(file+".other", 0o600)
			return os.Symlink("control.other", file)
		}, ""},
		{"a regular file", func(file string) error { return os.WriteFile(file, []byte("u"), 0o600) }, ""},
		{"a regular file, again", func(file string) error {
			os.WriteFile(file+".new", nil, 0o600)
			return os.WriteFile(file, nil, 0o600)
		}, ""},
		{"a directory", func(file string) error { return os.Mkdir(file, 0o700) }, "unable to write supervise/control: is a directory"},
		{"a device", func(file string) error { return os.Symlink("/dev/null", file) }, "unable to read supervise/control: not a FIFO"},
		{"a loop", func(file string) error { return os.Symlink("control", file) }, "unable to read supervise/control: symbolic link loop"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			d := newDir(t)
			if err := test.prepare(d.name + "/supervise/control"); err != nil {
				t.Fatal(err)
			}
			fd, err := d.openFIFO(protocol.ControlFile, unix.O_RDWR)
			if err != nil {
				if got := strings.Replace(err.Error(), d.name+"/", "", 1); got != test.want {
					t.Errorf("openFIFO() = %q, want %q", got, test.want)
				}
				return
			}
			defer unix.Close(fd)
			if test.want != "" {
				t.Fatalf("openFIFO() succeeds, want %q", test.want)
			}
			if err := protocol.Send(d.name, []byte("u")); err != nil {
				t.Errorf("nobody can write to it: %v", err)
			}
		})
	}
}

func TestLock(t *testing.T) {
	d := newDir(t)
	first, err := d.lock()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := d.lock(); err == nil || !strings.HasSuffix(err.Error(), "supervise/lock: temporary failure") {
		t.Errorf("second lock() = %v, want a temporary failure", err)
	}
	unix.Close(first)
	again, err := d.lock()
	if err != nil {
		t.Errorf("lock() after the first has been closed: %v", err)
	}
	unix.Close(again)
}

func TestMakeState(t *testing.T) {
	tests := []struct {
		name, link string // what supervise is a link to, "" for none
		made       string
	}{
		{"missing", "", "svc/supervise"},
		{"dangling link", "../state", "state"},
		{"dangling link, deep", "../run/state/svc", "run/state/svc"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			base := t.TempDir()
			os.Mkdir(base+"/svc", 0o755)
			if test.link != "" {
				os.Symlink(test.link, base+"/svc/supervise")
			}
			d, err := openDir(base + "/svc")
			if err != nil {
				t.Fatal(err)
			}
			defer d.close()
			d.makeState()
			st, err := os.Stat(filepath.Join(base, test.made))
			if err != nil || st.Mode().Perm() != 0o700 {
				t.Errorf("makeState() makes %v, %v; want %s with mode 0700", st, err, test.made)
			}
		})
	}
}

// A status that cannot be replaced is overwritten, and tells the truth.
func TestStatusThatCannotBeReplaced(t *testing.T) {
	d := newDir(t)
	old := protocol.AppendStatus(nil, protocol.Status{Pid: 1})
	fresh := protocol.AppendStatus(nil, protocol.Status{Pid: 2})
	if err := d.replace(protocol.StatusFile, old); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(d.name+"/"+protocol.StatusFile+".new", 0o700); err != nil {
		t.Fatal(err)
	}
	want := "unable to open " + d.name + "/supervise/status.new: is a directory"
	if err := d.replace(protocol.StatusFile, fresh); err == nil || err.Error() != want {
		t.Errorf("replace() = %v, want %s", err, want)
	}
	if err := d.overwrite(protocol.StatusFile, fresh); err != nil {
		t.Fatal(err)
	}
	if status, err := protocol.ReadStatus(d.name); err != nil || status.Pid != 2 {
		t.Errorf("the status is %v, %v; want pid 2", status, err)
	}
}
