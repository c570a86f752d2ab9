package applets

import (
	"bytes"
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"syn3d/protocol"
)

func utc() *clock { return &clock{location: time.UTC} }

func TestLocalizer(t *testing.T) {
	const label, date = "@4000000037c219bf2ef02e94", "1999-08-24 04:04:05.787492500"
	for _, test := range []struct{ name, in, want string }{
		{"a label", label + " x\n", date + " x\n"},
		{"a label alone", label, date},
		{"two lines of a second", label + "\n" + label + "\n", date + "\n" + date + "\n"},
		{"another second, and back", "@400000000000000a00000000\n@400000000000000b00000000\n@400000000000000a00000000\n",
			"1970-01-01 00:00:00.000000000\n1970-01-01 00:00:01.000000000\n1970-01-01 00:00:00.000000000\n"},
		{"within a line", "x" + label, "x" + label},
		{"behind a label", label + label, date + label},
		{"an @", "@", "@"},
		{"an @ in a line", "@\n" + label, "@\n" + date},
		{"part of a label", label[:20], label[:20]},
		{"too many digits", label + "0", label + "0"},
		{"no date", "@ffffffffffffffffffffffff", "@ffffffffffffffffffffffff"},
		{"no date, then the same second as before", label + "\n@ffffffffffffffffffffffff\n" + label, date + "\n@ffffffffffffffffffffffff\n" + date},
		{"no text", "\x00@\xff\r", "\x00@\xff\r"},
		{"nothing", "", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			readers := map[string]io.Reader{"at once": strings.NewReader(test.in), "byte by byte": iotest.OneByteReader(strings.NewReader(test.in))}
			for how, in := range readers {
				if got := localize(t, in); got != test.want {
					t.Errorf("%s, tai64nlocal(%q) = %q, want %q", how, test.in, got, test.want)
				}
			}
		})
	}
}

// What tai64n writes comes out as the time that it was, in every zone.
func TestRoundTrip(t *testing.T) {
	zones := []*time.Location{time.UTC, time.FixedZone("", 12345), time.FixedZone("", -43200)}
	seconds := []int64{-1e10, -86401, -11, -10, -1, 0, 1, 951782400, 1e9, 1<<31 - 1, 1 << 31, 1 << 32, 1e11}
	for _, zone := range zones {
		l := localizer{clock: &clock{location: zone}}
		for _, second := range seconds {
			for nano := int64(0); nano < 1e9; nano += 99_999_000 {
				was := time.Unix(second, nano).In(zone)
				label := protocol.AppendLabelText(nil, protocol.LabelOf(was))
				got, _ := l.translate(nil, append(label, '\n'), true)
				if want := was.Add(500).Format("2006-01-02 15:04:05.000000000\n"); trimZeros(want) != string(got) {
					t.Errorf("%v becomes %q, want %q", was, got, want)
				}
			}
		}
	}
}

// trimZeros takes off what the time package pads years with.
func trimZeros(date string) string { return strings.TrimLeft(date, "0") }

// localize returns what tai64nlocal makes of in, in UTC.
func localize(t *testing.T, in io.Reader) string {
	t.Helper()
	l := localizer{clock: utc()}
	var out bytes.Buffer
	if err := filter(in, &out, l.translate); err != nil {
		t.Errorf("filter() = %v, want nil", err)
	}
	return out.String()
}

// It does not matter how the input is cut, and only labels change.
func FuzzTai64nlocal(f *testing.F) {
	f.Add([]byte("@4000000037c219bf2ef02e94 mark\n@4000000037c219bf2ef02e94\n"), 3)
	f.Add([]byte("@\n@4000000037c219bf2ef02e94f"), 25)
	f.Fuzz(func(t *testing.T, text []byte, at int) {
		if at < 0 || at > len(text) {
			return
		}
		whole := localize(t, bytes.NewReader(text))
		parts := localize(t, io.MultiReader(bytes.NewReader(text[:at]), bytes.NewReader(text[at:])))
		if parts != whole {
			t.Errorf("tai64nlocal(%q, %q) = %q, want %q", text[:at], text[at:], parts, whole)
		}
		for line := range bytes.Lines(text) {
			if _, ok := protocol.ParseLabel(line); !ok && localize(t, bytes.NewReader(line)) != string(line) {
				t.Errorf("tai64nlocal(%q) changes what is no label", line)
			}
		}
	})
}
