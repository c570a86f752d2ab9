package protocol

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// layOut makes files, and the directories above them, below dir. As ls -F
// shows them, a name ends in / for a directory, in | for a FIFO, and is
// followed by @ and a target for a link. Anything else is an empty file.
func layOut(t *testing.T, dir string, files ...string) {
	t.Helper()
	for _, file := range files {
		path := dir + "/" + file
		must(t, os.MkdirAll(filepath.Dir(path), 0o700))
		name, target, link := strings.Cut(path, "@")
		fifo, isFIFO := strings.CutSuffix(path, "|")
		switch {
		case link:
			must(t, os.Symlink(target, name))
		case isFIFO:
			must(t, unix.Mkfifo(fifo, 0o600))
		case !strings.HasSuffix(file, "/"):
			must(t, os.WriteFile(path, nil, 0o600))
		}
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// serve opens a FIFO as a supervisor does, until the test ends.
func serve(t *testing.T, fifo string) int {
	t.Helper()
	fd, err := unix.Open(fifo, unix.O_RDWR|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
	must(t, err)
	t.Cleanup(func() { unix.Close(fd) })
	return fd
}

// received returns what can be read from a FIFO.
func received(fd int) string {
	var buffer [4096]byte
	n, _ := unix.Read(fd, buffer[:])
	return string(buffer[:max(n, 0)])
}

func TestSend(t *testing.T) {
	dir := t.TempDir()
	layOut(t, dir, "supervise/control|")
	control := serve(t, dir+"/supervise/control")
	for _, commands := range []string{"u", "dx", "", "udopchaitkxq12w"} {
		if err := Send(dir, []byte(commands)); err != nil {
			t.Errorf("Send(%q) = %v", commands, err)
		}
		if got := received(control); got != commands {
			t.Errorf("Send(%q) sends %q", commands, got)
		}
	}
}

// A supervisor that is slow to read holds the sender up, and gets everything.
func TestSendWaitsForRoom(t *testing.T) {
	dir := t.TempDir()
	layOut(t, dir, "supervise/control|")
	control := serve(t, dir+"/supervise/control")
	for err := error(nil); err != unix.EAGAIN; {
		_, err = unix.Write(control, make([]byte, 4096))
	}
	sent := make(chan error, 1)
	go func() { sent <- Send(dir, []byte("u")) }() // ends when there is room

	deadline := time.Now().Add(10 * time.Second)
	for got := ""; !strings.HasSuffix(got, "u"); got = received(control) {
		if time.Now().After(deadline) {
			t.Fatal("the command does not arrive")
		}
	}
	if err := <-sent; err != nil {
		t.Errorf("Send() = %v", err)
	}
}

func TestSendFails(t *testing.T) {
	for _, test := range []struct {
		name  string
		files []string
		dir   string // below the temporary one
		want  string // DIR stands for the directory
	}{
		{"no directory", nil, "/gone", "unable to chdir to DIR: file does not exist"},
		{"a file", []string{"f"}, "/f", "unable to chdir to DIR: not a directory"},
		{"a dangling link", []string{"l@nowhere"}, "/l", "unable to chdir to DIR: file does not exist"},
		{"a link to itself", []string{"l@l"}, "/l", "unable to chdir to DIR: symbolic link loop"},
		{"never supervised", nil, "", "unable to control DIR: file does not exist"},
		{"not supervised any longer", []string{"supervise/control|"}, "", "unable to control DIR: supervise not running"},
		{"control is a directory", []string{"supervise/control/"}, "", "unable to control DIR: is a directory"},
		{"control is a link to itself", []string{"supervise/control@control"}, "", "unable to control DIR: symbolic link loop"},
		{"supervise is a file", []string{"supervise"}, "", "unable to control DIR: not a directory"},
		{"no space", []string{"supervise/control@/dev/full"}, "", "error writing commands to DIR: out of disk space"},
	} {
		t.Run(test.name, func(t *testing.T) {
			dir := t.TempDir()
			layOut(t, dir, test.files...)
			dir += test.dir
			want := strings.ReplaceAll(test.want, "DIR", dir)
			if err := Send(dir, []byte("u")); err == nil || err.Error() != want {
				t.Errorf("Send() = %v, want %s", err, want)
			}
		})
	}
	t.Run("an empty name", func(t *testing.T) {
		if err := Send("", nil); err == nil || err.Error() != "unable to chdir to : file does not exist" {
			t.Errorf("Send() = %v", err)
		}
	})
}

func TestSupervised(t *testing.T) {
	for _, test := range []struct {
		name  string
		files []string
		want  error
	}{
		{"never", nil, unix.ENOENT},
		{"not any longer", []string{"supervise/ok|"}, unix.ENXIO},
		{"a regular file", []string{"supervise/ok"}, nil},
		{"a directory", []string{"supervise/ok/"}, unix.EISDIR},
		{"a link to itself", []string{"supervise/ok@ok"}, unix.ELOOP},
		{"a dangling link", []string{"supervise/ok@nowhere"}, unix.ENOENT},
		{"supervise is a file", []string{"supervise"}, unix.ENOTDIR},
		{"supervise is a link", []string{"supervise@state", "state/ok"}, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			dir := t.TempDir()
			layOut(t, dir, test.files...)
			if err := Supervised(dir); err != test.want {
				t.Errorf("Supervised() = %v, want %v", err, test.want)
			}
		})
	}
	t.Run("now", func(t *testing.T) {
		dir := t.TempDir()
		layOut(t, dir, "supervise/ok|")
		serve(t, dir+"/supervise/ok")
		if err := Supervised(dir); err != nil {
			t.Errorf("Supervised() = %v, want nil", err)
		}
	})
	t.Run("an empty name", func(t *testing.T) {
		if err := Supervised(""); err != unix.ENOENT {
			t.Errorf("Supervised() = %v, want %v", err, unix.ENOENT)
		}
	})
}

func TestNormallyDown(t *testing.T) {
	for _, test := range []struct {
		name string
		file string
		want bool
		err  error
	}{
		{"no down", "run", false, nil},
		{"a file", "down", true, nil},
		{"a directory", "down/", true, nil},
		{"a FIFO", "down|", true, nil},
		{"a dangling link", "down@nowhere", false, nil},
		{"a link to itself", "down@down", false, unix.ELOOP},
	} {
		t.Run(test.name, func(t *testing.T) {
			dir := t.TempDir()
			layOut(t, dir, test.file)
			if got, err := NormallyDown(dir); got != test.want || err != test.err {
				t.Errorf("NormallyDown() = %v, %v, want %v, %v", got, err, test.want, test.err)
			}
		})
	}
}

func TestReadStatus(t *testing.T) {
	for _, size := range []int{18, 20, 35, 40, 4096} {
		dir := t.TempDir()
		layOut(t, dir, "supervise/")
		want := Status{Since: LabelOf(time.Unix(1e9, 0)), Pid: 1234, Want: WantUp}
		record := append(AppendStatus(nil, want), make([]byte, 4096)...)[:size]
		must(t, os.WriteFile(dir+"/supervise/status", record, 0o600))
		if got, err := ReadStatus(dir); got != want || err != nil {
			t.Errorf("ReadStatus(%d bytes) = %+v, %v, want %+v", size, got, err, want)
		}
	}
}

func TestReadStatusFails(t *testing.T) {
	for _, test := range []struct {
		name string
		file string
		want string
	}{
		{"missing", "supervise/", "unable to open supervise/status: file does not exist"},
		{"a link to itself", "supervise/status@status", "unable to open supervise/status: symbolic link loop"},
		{"a directory", "supervise/status/", "unable to read supervise/status: is a directory"},
		{"empty", "supervise/status", "unable to read supervise/status: bad format"},
		{"a FIFO", "supervise/status|", "unable to read supervise/status: bad format"},
	} {
		t.Run(test.name, func(t *testing.T) {
			dir := t.TempDir()
			layOut(t, dir, test.file)
			got, err := ReadStatus(dir)
			if err == nil || err.Error() != test.want {
				t.Errorf("ReadStatus() = %+v, %v, want %s", got, err, test.want)
			}
		})
	}
	t.Run("17 bytes", func(t *testing.T) {
		dir := t.TempDir()
		layOut(t, dir, "supervise/")
		must(t, os.WriteFile(dir+"/supervise/status", make([]byte, 17), 0o600))
		if got, err := ReadStatus(dir); !errors.Is(err, ErrBadFormat) {
			t.Errorf("ReadStatus() = %+v, %v, want %v", got, err, ErrBadFormat)
		}
	})
}

func TestCheckDir(t *testing.T) {
	dir := t.TempDir()
	layOut(t, dir, "dir/", "file", "fifo|", "link@dir", "gone@nowhere", "loop@loop")
	for _, test := range []struct {
		name string
		want error
	}{
		{dir, nil},
		{dir + "/", nil},
		{dir + "/dir", nil},
		{dir + "/link", nil},
		{dir + "/dir/..", nil},
		{".", nil},
		{"", unix.ENOENT},
		{dir + "/missing", unix.ENOENT},
		{dir + "/missing/", unix.ENOENT},
		{dir + "/gone", unix.ENOENT},
		{dir + "/file", unix.ENOTDIR},
		{dir + "/file/", unix.ENOTDIR},
		{dir + "/fifo", unix.ENOTDIR},
		{dir + "/loop", unix.ELOOP},
		{dir + "/" + strings.Repeat("x", 256), unix.ENAMETOOLONG},
		{"/" + strings.Repeat("x/", 4096), unix.ENAMETOOLONG},
	} {
		if got := CheckDir(test.name); got != test.want {
			t.Errorf("CheckDir(%.100q) = %v, want %v", test.name, got, test.want)
		}
	}
}

func TestLocate(t *testing.T) {
	root, here := t.TempDir(), t.TempDir()
	layOut(t, root, "squid/", "both/", "file", "deep/er/", "link@squid")
	layOut(t, here, "both/", "here/", "linked@here")
	t.Setenv("SVDIR", root)
	t.Chdir(here)
	for _, test := range []struct{ name, want string }{
		{"squid", root + "/squid"},
		{"link", root + "/link"},
		{"both", "both"},
		{"here", "here"},
		{"linked", "linked"},
		{"missing", "missing"},
		{"file", "file"}, // not a directory there
		{"squid/", "squid/"},
		{"./squid", "./squid"},
		{"deep/er", "deep/er"},
		{root + "/squid", root + "/squid"},
		{".", "."},
		{"..", ".."},
		{"", ""},
		{"-", "-"},
	} {
		if got := Locate(test.name); got != test.want {
			t.Errorf("Locate(%q) = %q, want %q", test.name, got, test.want)
		}
	}
}

func TestRoot(t *testing.T) {
	for _, test := range []struct{ svdir, want string }{
		{"", "/service"},
		{"/etc/service", "/etc/service"},
	} {
		t.Setenv("SVDIR", test.svdir)
		if got := Root(); got != test.want {
			t.Errorf("Root() with SVDIR=%q = %q, want %q", test.svdir, got, test.want)
		}
	}
}
