package protocol

import (
	"encoding/binary"
	"os"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

const (
	enough  = 10 * time.Second       // for what must happen
	instant = 200 * time.Millisecond // in which nothing must
)

// wakes reports whether a Wait returns before the deadline.
func wakes(w *Watcher, limit time.Duration) bool {
	deadline := time.Now().Add(limit)
	w.Wait(deadline)
	return time.Now().Before(deadline)
}

func TestWatchSeesChanges(t *testing.T) {
	for _, test := range []struct {
		name   string
		change func(t *testing.T, dir string)
	}{
		{"status is replaced", func(t *testing.T, dir string) {
			layOut(t, dir, "supervise/status.new")
			must(t, os.Rename(dir+"/supervise/status.new", dir+"/supervise/status"))
		}},
		{"status is overwritten", func(t *testing.T, dir string) {
			must(t, os.WriteFile(dir+"/supervise/status", []byte("x"), 0o600))
		}},
		{"the state directory goes", func(t *testing.T, dir string) {
			must(t, os.RemoveAll(dir+"/supervise"))
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			dir := t.TempDir()
			layOut(t, dir, "supervise/ok|", "supervise/status")
			w := Watch(dir)
			defer w.Close()
			test.change(t, dir)
			if !wakes(w, enough) {
				t.Error("Wait() does not return")
			}
		})
	}
}

func TestWatchSeesTheSupervisorEnd(t *testing.T) {
	dir := t.TempDir()
	layOut(t, dir, "supervise/ok|", "supervise/status")
	// A supervisor only reads ok: closing it is all that it ever does to it.
	ok, err := unix.Open(dir+"/supervise/ok", unix.O_RDONLY|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
	must(t, err)
	w := Watch(dir)
	defer w.Close()
	must(t, unix.Close(ok))
	if !wakes(w, enough) {
		t.Error("Wait() does not return")
	}
}

// A watcher that looks between two waits would wake itself for ever.
func TestWatchIgnoresReaders(t *testing.T) {
	dir := t.TempDir()
	layOut(t, dir, "supervise/ok|", "supervise/control|", "supervise/status", "supervise/lock")
	serve(t, dir+"/supervise/control")
	ok, err := unix.Open(dir+"/supervise/ok", unix.O_RDONLY|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
	must(t, err)
	defer unix.Close(ok)
	w := Watch(dir)
	defer w.Close()

	Supervised(dir)
	ReadStatus(dir)
	NormallyDown(dir)
	must(t, Send(dir, []byte("u")))
	if wakes(w, instant) {
		t.Error("Wait() returns for what readers do")
	}
}

// Where there is nothing to watch, Wait comes back to look every now and then.
func TestWatchWithoutInotify(t *testing.T) {
	w := Watch(t.TempDir())
	defer w.Close()
	if !wakes(w, enough) {
		t.Error("Wait() does not return before the deadline")
	}
	began := time.Now()
	w.Wait(began.Add(-time.Second))
	if took := time.Since(began); took > enough {
		t.Errorf("Wait() for a deadline in the past takes %v", took)
	}
}

func appendEvent(b []byte, mask uint32, name string, padding int) []byte {
	b = binary.NativeEndian.AppendUint32(b, 1) // watch descriptor
	b = binary.NativeEndian.AppendUint32(b, mask)
	b = binary.NativeEndian.AppendUint32(b, 0) // cookie
	b = binary.NativeEndian.AppendUint32(b, uint32(len(name)+padding))
	b = append(b, name...)
	return append(b, make([]byte, padding)...)
}

func TestChanged(t *testing.T) {
	other := appendEvent(nil, unix.IN_CLOSE_NOWRITE, "status", 10)
	renamed := appendEvent(nil, unix.IN_MOVED_TO, "status", 10)
	for _, test := range []struct {
		name   string
		events []byte
		want   bool
	}{
		{"nothing", nil, false},
		{"status replaced", renamed, true},
		{"status written", appendEvent(nil, unix.IN_CLOSE_WRITE, "status", 10), true},
		{"status read", other, false},
		{"status.new written", appendEvent(nil, unix.IN_CLOSE_WRITE, "status.new", 6), false},
		{"ok closed by its reader", appendEvent(nil, unix.IN_CLOSE_NOWRITE, "ok", 14), true},
		{"ok closed by a writer", appendEvent(nil, unix.IN_CLOSE_WRITE, "ok", 14), false},
		{"overflow", appendEvent(nil, unix.IN_Q_OVERFLOW, "", 0), true},
		{"the watch has ended", appendEvent(nil, unix.IN_IGNORED, "", 0), true},
		{"no padding", appendEvent(nil, unix.IN_MOVED_TO, "status", 0), true},
		{"the second event", append(other[:len(other):len(other)], renamed...), true},
		{"a header that is cut off", renamed[:unix.SizeofInotifyEvent-1], false},
		{"a name that is cut off", renamed[:len(renamed)-1], false},
		{"a name without an end", appendEvent(nil, unix.IN_MOVED_TO, "status", 10)[:unix.SizeofInotifyEvent], false},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := changed(test.events); got != test.want {
				t.Errorf("changed(%x) = %v, want %v", test.events, got, test.want)
			}
		})
	}
}

func FuzzInotifyEvents(f *testing.F) {
	f.Add([]byte{})
	f.Add(appendEvent(nil, unix.IN_MOVED_TO, "status", 10))
	f.Add(appendEvent(nil, unix.IN_CLOSE_NOWRITE, "ok", 14)[:20])
	f.Add(append(make([]byte, 12), 0xff, 0xff, 0xff, 0xff))
	f.Fuzz(func(t *testing.T, events []byte) {
		for rest := events; ; {
			e, next, ok := NextInotifyEvent(rest)
			if !ok {
				break
			}
			if len(next) > len(rest)-unix.SizeofInotifyEvent-len(e.Name) {
				t.Fatalf("NextInotifyEvent(%x) leaves %d of %d bytes after the name %q", rest, len(next), len(rest), e.Name)
			}
			rest = next
		}
		changed(events)
	})
}
