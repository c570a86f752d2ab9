package multilog

import (
	"strings"
	"testing"

	"syn3d/protocol"
)

func TestStamp(t *testing.T) {
	const label = "@400000000000000a000001f4 "
	tests := []struct{ name, reads, want string }{
		{"a line", "a\n", "[a\n"},
		{"lines", "a\nb\n\n", "[a\n[b\n[\n"},
		{"no newline at the end", "a\nb", "[a\n[b"},
		{"a line in parts", "a|b|\n|c\n", "[ab\n[c\n"},
		{"nothing", "", ""},
		{"a long line", strings.Repeat("x", 200) + "\ny\n", "[" + strings.Repeat("x", 200) + "\n[y\n"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var s stamper
			s.now(protocol.Label{Sec: 1<<62 + 10, Nano: 500})
			want := strings.ReplaceAll(test.want, "[", label)
			for _, room := range []int{stampSize + 1, 64, 1000} {
				s.inLine = false
				if got := stampAll(t, &s, strings.Split(test.reads, "|"), room); got != want {
					t.Errorf("with room for %d bytes, stamp(%q) = %q, want %q", room, test.reads, got, want)
				}
			}
		})
	}
}

// stampAll puts labels into reads, with an output that has room for a part.
func stampAll(t *testing.T, s *stamper, reads []string, room int) string {
	t.Helper()
	var all strings.Builder
	out := make([]byte, 0, room)
	for _, read := range reads {
		for rest := []byte(read); len(rest) > 0; out = out[:0] {
			before := len(rest)
			if out, rest = s.stamp(out, rest); len(rest) == before {
				t.Fatalf("stamp(%q) does nothing", rest)
			}
			all.Write(out)
		}
	}
	return all.String()
}
