package multilog

import (
	"encoding/binary"
	"slices"
	"strings"
	"testing"

	"syn3d/protocol"

	"golang.org/x/sys/unix"
)

func TestSurplus(t *testing.T) {
	names := func(list string) []string { return strings.Fields(list) }
	tests := []struct {
		name, logs string
		keep       int
		want       string
	}{
		{"none", "", 2, ""},
		{"as many as there may be", "@1", 2, ""},
		{"one too many", "@2 @1", 2, "@1"},
		{"many too many", "@5 @3 @4 @1 @2", 3, "@1 @2 @3"},
		{"few of many", "@1 @2 @3", 1000, ""},
	}
	for _, test := range tests {
		if got, want := surplus(names(test.logs), test.keep), names(test.want); !slices.Equal(got, want) {
			t.Errorf("%s: surplus(%s, %d) = %q, want %q", test.name, test.logs, test.keep, got, want)
		}
	}
}

func TestLabelAfter(t *testing.T) {
	now := protocol.Label{Sec: 1<<62 + 1000, Nano: 5500}
	tests := []struct {
		name, newest string
		want         protocol.Label
	}{
		{"none", "", now},
		{"an older one", "@40000000000003e80000157b.s", now},
		{"the same", "@40000000000003e80000157c.s", protocol.Label{Sec: now.Sec, Nano: 6500}},
		{"a newer one", "@40000000000003e80000157d.u", protocol.Label{Sec: now.Sec, Nano: 6501}},
		{"much newer", "@50000000000003e80000157c.s", protocol.Label{Sec: 5<<60 + 1000, Nano: 6500}},
		{"the end of a second", "@40000000000003e83b9ac80c.s", protocol.Label{Sec: now.Sec + 1, Nano: 500}},
		{"the end of all time", "@ffffffffffffffff3b9ac80c.s", now},
		{"absurd nanoseconds", "@40000000000003e8ffffffff.s", now},
		{"no label", "@zzzzzzzzzzzzzzzzzzzzzzzz.s", now},
	}
	for _, test := range tests {
		if got := labelAfter(test.newest, now); got != test.want {
			t.Errorf("%s: labelAfter(%q, %v) = %v, want %v", test.name, test.newest, now, got, test.want)
		}
	}
}

// entry is a directory entry as getdents returns it.
func entry(name string, kind byte) []byte {
	size := (19 + len(name) + 1 + 7) &^ 7
	e := make([]byte, size)
	binary.NativeEndian.PutUint16(e[16:], uint16(size))
	e[18] = kind
	copy(e[19:], name)
	return e
}

func TestAppendOldLogs(t *testing.T) {
	const log = "@400000000000000a000001f4"
	tests := []struct {
		name    string
		entries []byte
		want    []string
	}{
		{"nothing", nil, nil},
		{"some", slices.Concat(entry(".", unix.DT_DIR), entry(log+".s", unix.DT_REG), entry("current", unix.DT_REG), entry(log, unix.DT_REG)),
			[]string{log + ".s", log}},
		{"too short", entry(log[:24], unix.DT_REG), nil},
		{"any suffix", entry(log+"x", unix.DT_REG), []string{log + "x"}},
		{"no label", entry("@!zzzzzzzzzzzzzzzzzzzzzzz", unix.DT_REG), []string{"@!zzzzzzzzzzzzzzzzzzzzzzz"}},
		{"a directory", entry(log, unix.DT_DIR), nil},
		{"a file system that has no types", entry(log, unix.DT_UNKNOWN), []string{log}},
		{"cut off", entry(log, unix.DT_REG)[:30], nil},
		{"no size", make([]byte, 100), nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got := appendOldLogs(nil, test.entries); !slices.Equal(got, test.want) {
				t.Errorf("appendOldLogs(%q) = %q, want %q", test.entries, got, test.want)
			}
		})
	}
}

func FuzzAppendOldLogs(f *testing.F) {
	f.Add(slices.Concat(entry("@400000000000000a000001f4.s", unix.DT_REG), entry("lock", unix.DT_REG)))
	f.Add([]byte("\x00"))
	f.Fuzz(func(t *testing.T, entries []byte) {
		for _, name := range appendOldLogs(nil, entries) {
			if len(name) < protocol.LabelTextSize || name[0] != '@' || strings.Contains(name, "\x00") {
				t.Errorf("appendOldLogs(%q) has %q", entries, name)
			}
		}
	})
}

// Whatever the newest log is called, the next one is called otherwise, and not
// earlier than now.
func FuzzLabelAfter(f *testing.F) {
	f.Add("@400000000000000a000001f4.s", uint64(1<<62+10), uint32(500))
	f.Add("@ffffffffffffffffffffffff", uint64(0), uint32(0))
	f.Fuzz(func(t *testing.T, newest string, sec uint64, nano uint32) {
		now := protocol.Label{Sec: sec, Nano: nano}
		got := labelAfter(newest, now)
		name := string(protocol.AppendLabelText(nil, got))
		if less(got, now) || strings.HasPrefix(newest, name) && following(got) != now && less(got, following(got)) {
			t.Errorf("labelAfter(%q, %v) = %v", newest, now, got)
		}
	})
}
