package applets

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"time"
)

const (
	epochLabel = "@400000000000000a000001f4 " // nanoseconds of the original: 500
	nextLabel  = "@400000000000000b000001f4 "
)

func TestStamper(t *testing.T) {
	for _, test := range []struct {
		name  string
		parts []string // what is read at once, a second after the part before
		want  string
	}{
		{"two lines", []string{"a\nb\n"}, epochLabel + "a\n" + epochLabel + "b\n"},
		{"an empty line", []string{"\n"}, epochLabel + "\n"},
		{"no newline at the end", []string{"a"}, epochLabel + "a"},
		{"nothing", []string{""}, ""},
		{"a line in two parts", []string{"a", "b\nc"}, epochLabel + "ab\n" + nextLabel + "c"},
		{"a newline by itself", []string{"a", "\nb"}, epochLabel + "a\n" + nextLabel + "b"},
		{"a part that ends a line", []string{"a\n", "b\n"}, epochLabel + "a\n" + nextLabel + "b\n"},
		{"a part of nothing", []string{"a", "", "b"}, epochLabel + "ab"},
		{"bytes that are no text", []string{"\x00\xff\r\n"}, epochLabel + "\x00\xff\r\n"},
	} {
		t.Run(test.name, func(t *testing.T) {
			now := time.Unix(-1, 0)
			s := stamper{now: func() time.Time { now = now.Add(time.Second); return now }}
			var got []byte
			for _, part := range test.parts {
				got, _ = s.translate(got, []byte(part), false)
			}
			if string(got) != test.want {
				t.Errorf("translate(%q) = %q, want %q", test.parts, got, test.want)
			}
		})
	}
}

// A pipe of the os has room; this one has none. So a write that comes back
// has been read, and a read of what is there must not wait for more.
func TestFilterStreams(t *testing.T) {
	in, feed := io.Pipe()
	drain, out := io.Pipe()
	done := make(chan error)
	go func() { // until the input ends
		l := localizer{clock: utc()}
		done <- filter(in, out, l.translate)
	}()
	for _, step := range []struct{ in, want string }{
		{"a line\n", "a line\n"},
		{"a part", "a part"},
		{" of it\n@400000000000000a", " of it\n"},
		{"00000001 x", "1970-01-01 00:00:00.000000001 x"},
	} {
		io.WriteString(feed, step.in)
		got := make([]byte, len(step.want))
		if _, err := io.ReadFull(drain, got); err != nil || string(got) != step.want {
			t.Errorf("after %q comes %q, %v, want %q", step.in, got, err, step.want)
		}
	}
	feed.Close()
	if err := <-done; err != nil {
		t.Errorf("filter() = %v at the end of the input, want nil", err)
	}
}

func TestFilterErrors(t *testing.T) {
	broken := errors.New("broken")
	l := localizer{clock: utc()}
	var out bytes.Buffer
	in := io.MultiReader(strings.NewReader("kept\n@4000"), iotest.ErrReader(broken))
	if err := filter(in, &out, l.translate); Report(io.Discard, "", err) != codeFatal || out.String() != "kept\n@4000" {
		t.Errorf("filter(of a broken input) = %v, %q", err, out.String())
	}

	_, full := io.Pipe()
	full.CloseWithError(broken)
	if err := filter(strings.NewReader("lost\n"), full, l.translate); Report(io.Discard, "", err) != codeFatal {
		t.Errorf("filter(to a broken output) = %v, want an exit with %d", err, codeFatal)
	}
}

// Filters run for months: they may not need more memory with each line.
func TestFilterAllocates(t *testing.T) {
	l := localizer{clock: utc()}
	s := stamper{now: time.Now}
	text := []byte(strings.Repeat("@400000000000000a00000001 x\n@400000000000000b00000001 x\n", 100))
	out := make([]byte, 0, 2*len(text))
	for name, translate := range map[string]translator{"tai64n": s.translate, "tai64nlocal": l.translate} {
		translate(out, text, false)
		if n := testing.AllocsPerRun(10, func() { translate(out, text, false) }); n != 0 {
			t.Errorf("%s allocates %v times for 200 lines, want 0", name, n)
		}
	}
}
