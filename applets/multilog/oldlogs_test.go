package multilog

import (
	"encoding/binary"
	"math"
	"slices"
	"strings"
	"testing"

	"syn3d/protocol"

	"golang.org/x/sys/unix"
)

func TestLabelAfter(t *testing.T) {
	now := protocol.Label{Sec: 1<<62 + 1000, Nano: 5500}
	tests := []struct {
		name         string
		newest, want protocol.Label
	}{
		{"none", protocol.Label{}, now},
		{"an older one", protocol.Label{Sec: now.Sec, Nano: 5499}, now},
		{"the same", now, protocol.Label{Sec: now.Sec, Nano: 6500}},
		{"a newer one", protocol.Label{Sec: now.Sec, Nano: 5501}, protocol.Label{Sec: now.Sec, Nano: 6501}},
		{"much newer", protocol.Label{Sec: 5 << 60, Nano: 500}, protocol.Label{Sec: 5 << 60, Nano: 1500}},
		{"the end of a second", protocol.Label{Sec: now.Sec, Nano: 999999500}, protocol.Label{Sec: now.Sec + 1, Nano: 500}},
		{"the end of all time", protocol.Label{Sec: math.MaxUint64, Nano: 999999500}, now},
		{"absurd nanoseconds", protocol.Label{Sec: now.Sec, Nano: math.MaxUint32}, now},
	}
	for _, test := range tests {
		if got := labelAfter(test.newest, now); got != test.want {
			t.Errorf("%s: labelAfter(%v, %v) = %v, want %v", test.name, test.newest, now, got, test.want)
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

// cutAll returns the names of the old logs among directory entries.
func cutAll(entries []byte) (names []string) {
	for len(entries) > 0 {
		var name []byte
		if name, entries = cutEntry(entries); name != nil {
			names = append(names, string(name))
		}
	}
	return names
}

func TestCutEntry(t *testing.T) {
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
			if got := cutAll(test.entries); !slices.Equal(got, test.want) {
				t.Errorf("the old logs of %q are %q, want %q", test.entries, got, test.want)
			}
		})
	}
}

func FuzzCutEntry(f *testing.F) {
	f.Add(slices.Concat(entry("@400000000000000a000001f4.s", unix.DT_REG), entry("lock", unix.DT_REG)))
	f.Add([]byte("\x00"))
	f.Fuzz(func(t *testing.T, entries []byte) {
		for _, name := range cutAll(entries) {
			if len(name) < protocol.LabelTextSize || name[0] != '@' || strings.Contains(name, "\x00") {
				t.Errorf("the old logs of %q have %q", entries, name)
			}
		}
	})
}

// Whatever the newest label is, the next one is another, and not before now.
func FuzzLabelAfter(f *testing.F) {
	f.Add(uint64(1<<62+10), uint32(500), uint64(1<<62+10), uint32(500))
	f.Add(uint64(math.MaxUint64), uint32(999999500), uint64(0), uint32(0))
	f.Fuzz(func(t *testing.T, newestSec uint64, newestNano uint32, sec uint64, nano uint32) {
		newest, now := protocol.Label{Sec: newestSec, Nano: newestNano}, protocol.Label{Sec: sec, Nano: nano}
		got := labelAfter(newest, now)
		last := !less(newest, following(newest)) // nothing follows it
		if less(got, now) || !last && !less(newest, got) {
			t.Errorf("labelAfter(%v, %v) = %v", newest, now, got)
		}
	})
}
