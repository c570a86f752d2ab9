package protocol

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"regexp"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

func TestVerdict(t *testing.T) {
	for _, test := range []struct {
		name    string
		verdict Verdict
		text    string
	}{
		{"works", Verdict{OK: true, Pid: 12, Since: someTime, Reason: ReasonBoot, By: ByScript, At: someTime},
			"ok=1\npid=12\nsince=2026-11-23T13:40:00.5Z\nreason=boot\nby=start\nat=2026-11-23T13:40:00.5Z\n"},
		{"does not", Verdict{Reason: ReasonCommand, By: ByWatch, Why: "exit code 1", At: someTime},
			"ok=0\nreason=svcstart\nby=watch\nwhy=exit code 1\nat=2026-11-23T13:40:00.5Z\n"},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := string(AppendVerdict(nil, test.verdict)); got != test.text {
				t.Errorf("AppendVerdict(%+v) = %q, want %q", test.verdict, got, test.text)
			}
			if got := ParseVerdict([]byte(test.text)); got != test.verdict {
				t.Errorf("ParseVerdict(%q) = %+v, want %+v", test.text, got, test.verdict)
			}
		})
	}
	if got, want := string(AppendVerdict(nil, Verdict{Why: "a\nok=1"})), "ok=0\nreason=\nby=\nwhy=a ok=1\n"; got != want {
		t.Errorf("AppendVerdict with two lines = %q, want %q", got, want)
	}
}

func TestVerdictOf(t *testing.T) {
	since := LabelOf(someTime)
	verdict := Verdict{OK: true, Pid: 12, Since: since.Time()}
	for _, test := range []struct {
		name   string
		status Status
		want   bool
	}{
		{"the instance", Status{Pid: 12, Since: since}, true},
		{"another pid", Status{Pid: 13, Since: since}, false},
		{"the pid anew", Status{Pid: 12, Since: LabelOf(someTime.Add(1e9))}, false},
	} {
		if got := verdict.Of(test.status); got != test.want {
			t.Errorf("%s: Of(%+v) = %v, want %v", test.name, test.status, got, test.want)
		}
	}
	if (Verdict{}).Of(Status{}) {
		t.Error("a verdict is about a service that is down")
	}
}

// TestClaimStart has two verify a start: the second waits for the verdict of
// the first, or fails at once.
func TestClaimStart(t *testing.T) {
	dir := t.TempDir()
	if err := os.Mkdir(dir+"/supervise", 0o700); err != nil {
		t.Fatal(err)
	}
	if err := WriteVerdict(dir, Verdict{Why: "of yesterday"}); err != nil {
		t.Fatal(err)
	}
	first, waited, err := ClaimStart(dir, true)
	if err != nil || waited {
		t.Fatalf("ClaimStart = waited %v, %v, want the lock at once", waited, err)
	}
	if _, err := ReadVerdict(dir); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("ReadVerdict = %v while a start is verified, want %v", err, fs.ErrNotExist)
	}
	if _, _, err := ClaimStart(dir, false); err != unix.EWOULDBLOCK {
		t.Errorf("ClaimStart without waiting = %v, want %v", err, unix.EWOULDBLOCK)
	}

	if !StartClaimed(dir) {
		t.Error("StartClaimed = false while the lock is held")
	}

	found := make(chan Verdict)
	go func() { // until it has the lock
		second, waited, err := ClaimStart(dir, true)
		if err != nil || !waited {
			t.Errorf("ClaimStart = waited %v, %v, want to wait", waited, err)
		}
		verdict, _ := ReadVerdict(dir)
		unix.Close(second)
		found <- verdict
	}()
	awaitWaiter(t, first)
	want := Verdict{OK: true, Pid: 1, Since: someTime, At: someTime}
	if err := WriteVerdict(dir, want); err != nil {
		t.Fatal(err)
	}
	unix.Close(first)
	if got := <-found; got != want {
		t.Errorf("the second finds %+v, want %+v", got, want)
	}
	if StartClaimed(dir) {
		t.Error("StartClaimed = true when nobody holds the lock")
	}
}

// awaitWaiter returns when somebody waits for the lock that fd holds.
func awaitWaiter(t *testing.T, fd int) {
	t.Helper()
	var st unix.Stat_t
	if err := unix.Fstat(fd, &st); err != nil {
		t.Fatal(err)
	}
	waiter := regexp.MustCompile(fmt.Sprintf(`-> FLOCK .*:%d `, st.Ino))
	for deadline := time.Now().Add(10 * time.Second); ; {
		locks, err := os.ReadFile("/proc/locks")
		if err != nil {
			t.Fatal(err)
		}
		if waiter.Match(locks) {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("nobody waits for the lock: %s", locks)
		}
		time.Sleep(time.Millisecond)
	}
}

// TestHoldStop has two say that the stop script is at work.
func TestHoldStop(t *testing.T) {
	dir := t.TempDir()
	if fd := HoldStop(dir); fd != -1 || StopHeld(dir) {
		t.Errorf("HoldStop = %d without a script, want -1", fd)
	}
	if err := os.WriteFile(dir+"/stop", nil, 0o700); err != nil {
		t.Fatal(err)
	}
	first, second := HoldStop(dir), HoldStop(dir)
	for _, fd := range []int{first, second} {
		if !StopHeld(dir) {
			t.Error("StopHeld = false while somebody holds it")
		}
		unix.Close(fd)
	}
	if StopHeld(dir) {
		t.Error("StopHeld = true when nobody holds it")
	}
}
