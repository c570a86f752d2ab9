package protocol

import (
	"bytes"
	"encoding/hex"
	"errors"
	"testing"
	"time"
)

// bytesOf decodes hexadecimal with spaces in it.
func bytesOf(t *testing.T, text string) []byte {
	t.Helper()
	b, err := hex.DecodeString(string(bytes.ReplaceAll([]byte(text), []byte(" "), nil)))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestAppendStatus(t *testing.T) {
	since := Label{0x4000000037c219bf, 0x2ef02e94}
	const label = "4000000037c219bf 2ef02e94"
	for _, test := range []struct {
		name   string
		status Status
		want   string
	}{
		{"zero", Status{}, "0000000000000000 00000000 00000000 00 00 00 00"},
		{"up", Status{Since: since, Pid: 1234, Want: WantUp}, label + "d2040000 00 75 00 01"},
		{"up once", Status{Since: since, Pid: 1, Want: WantOnce}, label + "01000000 00 00 00 01"},
		{"paused", Status{Since: since, Pid: 0x01020304, Paused: true, Want: WantUp}, label + "04030201 01 75 00 01"},
		{"stopping", Status{Since: since, Pid: 1 << 31, Want: WantDown, Termed: true}, label + "00000080 00 64 01 01"},
		{"down", Status{Since: since, Want: WantDown}, label + "00000000 00 64 00 00"},
		{"down is never paused", Status{Since: since, Paused: true, Want: WantUp}, label + "00000000 00 75 00 00"},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := AppendStatus([]byte("in front"), test.status)
			want := append([]byte("in front"), bytesOf(t, test.want)...)
			if !bytes.Equal(got, want) {
				t.Errorf("AppendStatus(%+v) = %x, want %x", test.status, got, want)
			}
		})
	}
}

func TestParseStatus(t *testing.T) {
	since := Label{0x4000000037c219bf, 0x2ef02e94}
	const label = "4000000037c219bf 2ef02e94"
	for _, test := range []struct {
		name   string
		record string
		want   Status
	}{
		{"daemontools", label + "d2040000 00 75", Status{Since: since, Pid: 1234, Want: WantUp}},
		{"runit", label + "d2040000 01 64 01 01", Status{Since: since, Pid: 1234, Paused: true, Want: WantDown}},
		{"down", label + "00000000 00 64", Status{Since: since, Want: WantDown}},
		{"any flag pauses", label + "01000000 ff 00", Status{Since: since, Pid: 1, Paused: true}},
		{"an unknown want is kept", label + "01000000 00 ff", Status{Since: since, Pid: 1, Want: 0xff}},
		{"zeros", "000000000000000000000000 00000000 00 00", Status{}},
		{"ones", "ffffffffffffffffffffffff ffffffff ff ff",
			Status{Since: Label{1<<64 - 1, 1<<32 - 1}, Pid: 1<<32 - 1, Paused: true, Want: 0xff}},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, err := ParseStatus(bytesOf(t, test.record))
			if got != test.want || err != nil {
				t.Errorf("ParseStatus(%s) = %+v, %v, want %+v", test.record, got, err, test.want)
			}
		})
	}
}

// Others write 18, 20, 35 or 40 bytes: what is behind the eighteenth does not
// matter.
func TestParseStatusLength(t *testing.T) {
	record := bytes.Repeat([]byte{0x7f}, 40)
	whole, err := ParseStatus(record)
	if err != nil {
		t.Fatal(err)
	}
	for n := range len(record) + 1 {
		got, err := ParseStatus(record[:n])
		switch {
		case n < 18 && !errors.Is(err, ErrBadFormat):
			t.Errorf("ParseStatus(%d bytes) = %+v, %v, want %v", n, got, err, ErrBadFormat)
		case n >= 18 && (err != nil || got != whole):
			t.Errorf("ParseStatus(%d bytes) = %+v, %v, want %+v", n, got, err, whole)
		}
	}
}

func TestStatusRoundTrip(t *testing.T) {
	for _, pid := range []uint32{0, 1, 1<<32 - 1} {
		for _, want := range []Want{WantUp, WantDown, WantOnce} {
			for _, paused := range []bool{false, true} {
				status := Status{Since: Label{1, 2}, Pid: pid, Want: want, Paused: paused && pid != 0}
				got, err := ParseStatus(AppendStatus(nil, status))
				if got != status || err != nil {
					t.Errorf("ParseStatus(AppendStatus(%+v)) = %+v, %v", status, got, err)
				}
			}
		}
	}
}

func FuzzParseStatus(f *testing.F) {
	f.Add([]byte{})
	f.Add(make([]byte, 18))
	f.Add(AppendStatus(nil, Status{Since: LabelOf(time.Unix(1e9, 0)), Pid: 1234, Want: WantUp}))
	f.Add(bytes.Repeat([]byte{0xff}, 35))
	f.Fuzz(func(t *testing.T, record []byte) {
		status, err := ParseStatus(record)
		if (err == nil) != (len(record) >= 18) {
			t.Fatalf("ParseStatus(%d bytes) = %v", len(record), err)
		}
		if err != nil {
			return
		}
		for _, normallyDown := range []bool{false, true} {
			if text := AppendText(nil, status, normallyDown, time.Now()); !bytes.Contains(text, []byte(" seconds")) {
				t.Errorf("AppendText(%+v) = %q", status, text)
			}
		}
		again := AppendStatus(nil, status)
		if !bytes.Equal(again[:16], record[:16]) || again[17] != record[17] {
			t.Errorf("AppendStatus(ParseStatus(%x)) = %x", record, again)
		}
	})
}
