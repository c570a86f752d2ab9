package service

import (
	"os"
	"testing"
	"time"

	"syn3d/protocol"

	"golang.org/x/sys/unix"
)

// TestHasDied follows a start through what can be read of it, which is not
// every state that there was.
func TestHasDied(t *testing.T) {
	at := func(second uint64) protocol.Label { return protocol.Label{Sec: second} }
	down := func(second uint64) protocol.Status { return protocol.Status{Since: at(second)} }
	up := func(pid uint32, second uint64) protocol.Status { return protocol.Status{Pid: pid, Since: at(second)} }
	tests := []struct {
		what    string
		leaving uint32
		seen    []protocol.Status // the first one before the command
		want    bool              // of the last
	}{
		{"not up yet", 0, []protocol.Status{down(1), down(1)}, false},
		{"up", 0, []protocol.Status{down(1), up(7, 2)}, false},
		{"up as before", 0, []protocol.Status{up(7, 1), up(7, 1)}, false},
		{"died", 0, []protocol.Status{down(1), up(7, 2), down(3)}, true},
		{"died and came back", 0, []protocol.Status{down(1), up(7, 2), up(8, 4)}, true},
		{"died unseen", 0, []protocol.Status{down(1), down(3)}, true},
		{"was up and died unseen", 0, []protocol.Status{up(7, 1), down(3)}, true},
		{"leaving", 7, []protocol.Status{up(7, 1), up(7, 1)}, false},
		{"left", 7, []protocol.Status{up(7, 1), up(7, 1), down(3)}, false},
		{"left and came back", 7, []protocol.Status{up(7, 1), down(3), up(8, 4)}, false},
		{"left and came back unseen", 7, []protocol.Status{up(7, 1), up(8, 4)}, false},
		{"left, came back and died", 7, []protocol.Status{up(7, 1), down(3), up(8, 4), down(5)}, true},
		{"left and died unseen", 7, []protocol.Status{up(7, 1), down(3), down(5)}, true},
	}
	for _, test := range tests {
		w := startWatch{leaving: test.leaving, since: test.seen[0].Since}
		var got bool
		for _, status := range test.seen[1:] {
			got = w.hasDied(status)
			w.pid = status.Pid
		}
		if got != test.want {
			t.Errorf("%s: hasDied() = %t, want %t", test.what, got, test.want)
		}
	}
}

// TestAwaitRead has a supervisor take its time to read a command.
func TestAwaitRead(t *testing.T) {
	dir := t.TempDir()
	awaitRead(dir, time.Hour) // nobody is there: there is nothing to wait for
	check(t, os.Mkdir(dir+"/supervise", 0o700))
	control := dir + "/" + protocol.ControlFile
	check(t, unix.Mkfifo(control, 0o600))
	supervisor, err := unix.Open(control, unix.O_RDWR|unix.O_CLOEXEC, 0)
	check(t, err)
	defer unix.Close(supervisor)
	awaitRead(dir, time.Hour) // nothing is there to be read
	check(t, protocol.Send(dir, []byte("d")))
	awaitRead(dir, 0)
	time.AfterFunc(10*time.Millisecond, func() { unix.Read(supervisor, make([]byte, 8)) })
	awaitRead(dir, time.Hour)
	if unread, err := unix.IoctlGetInt(supervisor, unix.TIOCINQ); unread != 0 || err != nil {
		t.Errorf("after awaitRead %d bytes are unread, %v, want none", unread, err)
	}
}
