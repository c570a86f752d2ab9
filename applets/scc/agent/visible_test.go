package agent

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestVisible(t *testing.T) {
	tests := []struct{ text, want string }{
		{"", ""},
		{"plain <b>text</b>\tand tab", "plain <b>text</b>\tand tab"},
		{"é 漢", "é 漢"},
		{"\x1b[31mred", `\x1b[31mred`},
		{"a\x00b\rc\bd", `a\x00b\rc\bd`},
		{"\xff\x80", `\xff\x80`},
		{"\u202eabc", `\u202eabc`},
		{"\ufffd", "\ufffd"},
	}
	for _, test := range tests {
		if got := visible([]byte(test.text)); got != test.want {
			t.Errorf("visible(%q) = %q, want %q", test.text, got, test.want)
		}
	}
}

func FuzzVisible(f *testing.F) {
	f.Add([]byte("@4000\x1b\xff\u202e"))
	f.Fuzz(func(t *testing.T, text []byte) {
		got := visible(text)
		if !utf8.ValidString(got) || strings.ContainsFunc(got, func(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f }) {
			t.Errorf("visible(%q) = %q", text, got)
		}
	})
}
