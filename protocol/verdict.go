package protocol

import (
	"os"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// A Verdict says how the last start that somebody verified turned out, be it
// svcstart or the supervisor. It stands in supervise/verdict, lines of
// key=value, replaced by rename:
//
//	ok=1                  it runs properly; 0: it does not
//	pid=1234              the instance that was judged; missing if there was none
//	since=2026-11-23T13:40:00.1234565Z    as its status has it
//	reason=crash          why it was started: svcstart, boot or crash
//	by=start              by the start script, or by=watch
//	why=exit code 1       if not ok, in a line
//	at=2026-11-23T13:40:02.5Z
//
// While a start is being verified there is no verdict.
type Verdict struct {
	OK     bool
	Pid    uint32
	Since  time.Time
	Reason string
	By     string
	Why    string
	At     time.Time
}

// The reasons for a start, as a start script finds them in $SVC_REASON.
const (
	ReasonCommand = "svcstart" // an administrator asked for it
	ReasonBoot    = "boot"     // the supervisor has begun
	ReasonCrash   = "crash"    // the service had ended although it was wanted up
)

// The reasons for a stop, as a stop script finds them in $SVC_REASON.
const (
	ReasonStop     = "svcstop"  // an administrator asked for it
	ReasonShutdown = "shutdown" // the supervisor ends
)

// Who verifies a start.
const (
	ByScript = "start"
	ByWatch  = "watch"
)

// Of reports whether v is about the instance that s tells of.
func (v Verdict) Of(s Status) bool {
	return s.Up() && v.Pid == s.Pid && v.Since.Equal(s.Since.Time())
}

// AppendVerdict appends the text of v to b.
func AppendVerdict(b []byte, v Verdict) []byte {
	b = appendField(b, "ok", string('0'+rune(bit(v.OK))))
	if v.Pid != 0 {
		b = appendField(b, "pid", strconv.FormatUint(uint64(v.Pid), 10))
		b = appendTime(b, "since", v.Since)
	}
	b = appendField(b, "reason", v.Reason)
	b = appendField(b, "by", v.By)
	if v.Why != "" {
		b = appendField(b, "why", v.Why)
	}
	return appendTime(b, "at", v.At)
}

// ParseVerdict reads the text of a Verdict. What is missing or makes no sense
// is zero.
func ParseVerdict(text []byte) Verdict {
	f := parseFields(text)
	return Verdict{
		OK:     f["ok"] == "1",
		Pid:    uint32(f.number("pid")),
		Since:  f.time("since"),
		Reason: f["reason"],
		By:     f["by"],
		Why:    f["why"],
		At:     f.time("at"),
	}
}

// ReadVerdict reads supervise/verdict of dir. It is fs.ErrNotExist if no start
// has been verified, or if one is being verified.
func ReadVerdict(dir string) (Verdict, error) {
	text, err := ReadSmall(StatePath(dir, VerdictFile))
	if err != nil {
		return Verdict{}, err
	}
	return ParseVerdict(text), nil
}

// WriteVerdict replaces supervise/verdict of dir, for who holds supervise/start.
func WriteVerdict(dir string, v Verdict) error {
	fresh := StatePath(dir, VerdictFile+".new")
	if err := os.WriteFile(fresh, AppendVerdict(nil, v), 0o644); err != nil {
		return err
	}
	return os.Rename(fresh, StatePath(dir, VerdictFile))
}

// ClaimStart takes the lock supervise/start of dir, which whoever verifies a
// start holds: there is at most one at a time. Closing the descriptor, or
// dying, releases it. If another one holds the lock, ClaimStart waits for it if
// asked to, which waited tells, and fails with unix.EWOULDBLOCK if not.
//
// What ReadVerdict finds after a wait is the verdict of that other one; if
// there is none, it has died or given up. Without a wait there is none.
func ClaimStart(dir string, wait bool) (fd int, waited bool, err error) {
	fd, err = unix.Open(StatePath(dir, StartLockFile), unix.O_RDWR|unix.O_CREAT|unix.O_CLOEXEC, 0o600)
	if err != nil {
		return -1, false, err
	}
	err = flock(fd, unix.LOCK_EX|unix.LOCK_NB)
	if err == nil {
		unix.Unlink(StatePath(dir, VerdictFile))
		return fd, false, nil
	}
	if wait && err == unix.EWOULDBLOCK {
		err = flock(fd, unix.LOCK_EX)
	}
	if err != nil {
		unix.Close(fd)
		return -1, false, err
	}
	return fd, true, nil
}

// StartClaimed reports whether somebody holds that lock.
func StartClaimed(dir string) bool { return isLocked(StatePath(dir, StartLockFile)) }

// HoldStop says, until the descriptor is closed, that the stop script of dir is
// at work. Any number may say so at a time: it is a shared lock of the script
// itself. It returns -1 if the script cannot be opened.
func HoldStop(dir string) (fd int) {
	fd, err := open(join(dir, StopScript), unix.O_RDONLY)
	if err == nil {
		flock(fd, unix.LOCK_SH|unix.LOCK_NB) // nobody is to be able to hold up a stop
	}
	return fd
}

// StopHeld reports whether somebody has called HoldStop.
func StopHeld(dir string) bool { return isLocked(join(dir, StopScript)) }

// isLocked reports whether somebody has locked a file. To try the lock would be
// in the way of somebody who wants it just then.
func isLocked(name string) bool {
	var st unix.Stat_t
	if unix.Stat(name, &st) != nil {
		return false
	}
	locks, _ := os.ReadFile("/proc/locks")
	inode := ":" + strconv.FormatUint(st.Ino, 10)
	for line := range strings.Lines(string(locks)) {
		// 1: FLOCK  ADVISORY  WRITE 26651 fe:00:9978132 0 EOF
		fields := strings.Fields(line)
		if len(fields) > 5 && fields[1] == "FLOCK" && strings.HasSuffix(fields[5], inode) {
			return true
		}
	}
	return false
}

func flock(fd, how int) error {
	for {
		if err := unix.Flock(fd, how); err != unix.EINTR {
			return err
		}
	}
}
