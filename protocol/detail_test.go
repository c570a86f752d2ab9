package protocol

import (
	"errors"
	"io/fs"
	"os"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

var someTime = time.Date(2026, 11, 23, 13, 40, 0, 500_000_000, time.UTC)

func TestDetail(t *testing.T) {
	for _, test := range []struct {
		name   string
		detail Detail
		text   string
	}{
		{"never started", Detail{}, "restarts=0\n"},
		{"up", Detail{Pid: 1234, Start: 56789, Boot: "0a1b"}, "pid=1234\nstart=56789\nboot=0a1b\nrestarts=0\n"},
		{"ended", Detail{Boot: "0a1b", Restarts: 2, LastExit: ExitStatus{Code: 1}, Exited: someTime},
			"boot=0a1b\nrestarts=2\nexit=1\nexited=2026-11-23T13:40:00.5Z\n"},
		{"ended well", Detail{Exited: someTime}, "restarts=0\nexit=0\nexited=2026-11-23T13:40:00.5Z\n"},
		{"killed and up again", Detail{Pid: 2, Restarts: 1, LastExit: ExitStatus{Signal: unix.SIGSEGV}, Exited: someTime},
			"pid=2\nrestarts=1\nsignal=11\nexited=2026-11-23T13:40:00.5Z\n"},
		{"ended unseen", Detail{LastExit: ExitStatus{Unknown: true}, Exited: someTime, Done: true},
			"restarts=0\nexit=unknown\nexited=2026-11-23T13:40:00.5Z\ndone=1\n"},
		{"logged", Detail{Pid: 3, Start: 4, Instance: "5", In: 6, Out: 7, Boot: "8", Namespace: 9, Inode: 10, Backoff: "1 2", Told: "CAUTION"},
			"pid=3\nstart=4\ninstance=5\nin=6\nout=7\nboot=8\nnamespace=9\ninode=10\nrestarts=0\nbackoff=1 2\ntold=CAUTION\n"},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := string(AppendDetail(nil, test.detail)); got != test.text {
				t.Errorf("AppendDetail(%+v) = %q, want %q", test.detail, got, test.text)
			}
			if got := ParseDetail([]byte(test.text)); got != test.detail {
				t.Errorf("ParseDetail(%q) = %+v, want %+v", test.text, got, test.detail)
			}
		})
	}
}

func TestParseDetailOfOthers(t *testing.T) {
	for _, test := range []struct {
		name, text string
		want       Detail
	}{
		{"empty", "", Detail{}},
		{"a field of a later release", "colour=red\npid=3\n", Detail{Pid: 3}},
		{"no newline at the end", "restarts=4", Detail{Restarts: 4}},
		{"no field", "pid\n=7\n\n\x00", Detail{}},
		{"no number", "pid=x\nstart=-1\nrestarts=99999999999999999999\n", Detail{}},
		{"no time", "exited=yesterday\n", Detail{}},
		{"the last counts", "pid=1\npid=2\n", Detail{Pid: 2}},
		{"a value with an equals sign", "boot=a=b\n", Detail{Boot: "a=b"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := ParseDetail([]byte(test.text)); got != test.want {
				t.Errorf("ParseDetail(%q) = %+v, want %+v", test.text, got, test.want)
			}
		})
	}
}

func TestReadDetail(t *testing.T) {
	dir := t.TempDir()
	if _, err := ReadDetail(dir); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("ReadDetail of another's service = %v, want %v", err, fs.ErrNotExist)
	}
	if err := os.Mkdir(dir+"/supervise", 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(dir+"/supervise/detail", []byte("restarts=5\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	got, err := ReadDetail(dir)
	if want := (Detail{Restarts: 5}); got != want || err != nil {
		t.Errorf("ReadDetail = %+v, %v, want %+v", got, err, want)
	}
}

func TestExitStatusString(t *testing.T) {
	for _, test := range []struct {
		exit ExitStatus
		want string
	}{
		{ExitStatus{}, "exit code 0"},
		{ExitStatus{Unknown: true}, "exit code unknown"},
		{ExitStatus{Code: 111}, "exit code 111"},
		{ExitStatus{Signal: unix.SIGSEGV}, "killed by SIGSEGV"},
		{ExitStatus{Signal: 40}, "killed by signal 40"},
	} {
		if got := test.exit.String(); got != test.want {
			t.Errorf("%#v.String() = %q, want %q", test.exit, got, test.want)
		}
	}
}

func FuzzParseDetail(f *testing.F) {
	f.Add([]byte("pid=1\nstart=2\nboot=x\nrestarts=3\nsignal=9\nexited=2026-11-23T13:40:00.5Z\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		ParseVerdict(text)
		d := ParseDetail(text)
		switch {
		case d.Exited.IsZero():
			d.LastExit = ExitStatus{}
		case d.LastExit.Unknown:
			d.LastExit = ExitStatus{Unknown: true}
		case d.LastExit.Signal != 0:
			d.LastExit.Code = 0
		}
		d.Exited = d.Exited.UTC()
		if got := ParseDetail(AppendDetail(nil, d)); got != d {
			t.Errorf("ParseDetail(AppendDetail(%+v)) = %+v", d, got)
		}
	})
}
