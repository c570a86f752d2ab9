package agent

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

func texts(lines []LogLine) (all []string) {
	for _, line := range lines {
		all = append(all, line.Text)
	}
	return all
}

func TestBackwards(t *testing.T) {
	long := strings.Repeat("x", maxLine+1)
	tests := []struct {
		what, file string
		query      LogQuery
		want       []string
		before     int64
	}{
		{"nothing", "", LogQuery{Lines: 2}, nil, 0},
		{"all", "a\nb\n", LogQuery{Lines: 9}, []string{"a", "b"}, 0},
		{"the last ones", "a\nb\nc\n", LogQuery{Lines: 2}, []string{"b", "c"}, 2},
		{"one that has not ended", "a\nb", LogQuery{Lines: 1}, []string{"b"}, 2},
		{"empty ones", "\n\na\n\n", LogQuery{Lines: 9}, []string{"", "", "a", ""}, 0},
		{"a search", "Abc\nb\nxABC\n", LogQuery{Lines: 9, Search: "aBc"}, []string{"Abc", "xABC"}, 0},
		{"a search that stops", "abc\nb\nxabc\n", LogQuery{Lines: 1, Search: "abc"}, []string{"xabc"}, 6},
		{"a search in vain", "abc\nb\n", LogQuery{Lines: 1, Search: "z"}, nil, 0},
		{"a long one", long + "\n", LogQuery{Lines: 1}, []string{long[:maxLine]}, 0},
	}
	for _, test := range tests {
		part := backwards(strings.NewReader(test.file), int64(len(test.file)), test.query)
		if got := texts(part.Lines); !slices.Equal(got, test.want) || part.before != test.before {
			t.Errorf("%s: backwards = %q, before %d, want %q, %d", test.what, got, part.before, test.want, test.before)
		}
	}
}

// TestBackwardsByParts reads files of lines around the size of a chunk, part by
// part: every line is told once, in order.
func TestBackwardsByParts(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		var lines []string
		for range random.IntN(50) {
			lines = append(lines, fmt.Sprint(len(lines), strings.Repeat("y", random.IntN(maxLine-10))))
		}
		file := strings.Join(append(lines, ""), "\n")
		var got []string
		for before := int64(len(file)); before > 0; {
			part := backwards(strings.NewReader(file), before, LogQuery{Lines: 1 + random.IntN(7)})
			if part.before >= before {
				t.Fatalf("a part before %d is to be followed by one before %d", before, part.before)
			}
			got, before = append(texts(part.Lines), got...), part.before
		}
		if !slices.Equal(got, lines) {
			t.Fatalf("%d lines were told as %d", len(lines), len(got))
		}
	}
}

// An endless file has no newline.
type endless struct{ read int64 }

func (e *endless) ReadAt(p []byte, _ int64) (int, error) {
	e.read += int64(len(p))
	for i := range p {
		p[i] = 'z'
	}
	return len(p), nil
}

func TestBackwardsIsBounded(t *testing.T) {
	const size = 1 << 40
	file := &endless{}
	part := backwards(file, size, LogQuery{Lines: 1, Search: "a"})
	if file.read > maxSearch+chunkSize || len(part.Lines) > 0 || part.before >= size || part.before == 0 {
		t.Errorf("%d bytes were read for %d lines, before %d", file.read, len(part.Lines), part.before)
	}
}

func TestLogLine(t *testing.T) {
	tests := []struct {
		text, want string
		labelled   bool
	}{
		{"@4000000065f1a2b30a1b2c3d hello", "hello", true},
		{"@4000000065f1a2b30a1b2c3d", "@4000000065f1a2b30a1b2c3d", false},
		{"@40000000 hello", "@40000000 hello", false},
		{"@400000ffffffffff00000000 no date", "@400000ffffffffff00000000 no date", false},
		{"", "", false},
	}
	for _, test := range tests {
		if got := newLogLine([]byte(test.text)); got.Text != test.want || got.At.IsZero() == test.labelled {
			t.Errorf("newLogLine(%q) = %+v, want %q, labelled %t", test.text, got, test.want, test.labelled)
		}
	}
}

// TestLogPartIsBounded has lines of which every byte is shown as four.
func TestLogPartIsBounded(t *testing.T) {
	line := strings.Repeat("\x01", maxLine) + "\n"
	c, _ := newLog(t, "current", strings.Repeat(line, 100), newer, strings.Repeat(line, 100))
	lines := 0
	for q := (&LogQuery{Lines: MaxLogLines}); q != nil; {
		check(t, c.Log(t.Context(), "web", *q, func(part LogPart) error {
			size := 0
			for _, l := range part.Lines {
				size += len(l.Text)
			}
			if size >= maxPart+4*maxLine {
				t.Errorf("a part of %d bytes", size)
			}
			lines += len(part.Lines)
			q = part.Next
			return nil
		}))
	}
	if lines != 200 {
		t.Errorf("%d lines in all, want 200", lines)
	}
}
