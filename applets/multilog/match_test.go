package multilog

import (
	"bytes"
	"testing"
)

func TestMatch(t *testing.T) {
	tests := []struct {
		pattern, line string
		want          bool
	}{
		{"", "", true},
		{"", "x", false},
		{"x", "x", true},
		{"x", "", false},
		{"x", "xy", false},
		{"hello", "hello world", false},
		{"*", "", true},
		{"*", "any\x00thing", true},
		{"a*", "a", true},
		{"a*", "ba", false},
		{"*a", "a", true},
		{"*a", "xa", true},
		{"*a", "ax", false},
		{"*a", "aa", false}, // the first a, and no way back
		{"*ab", "ab", true},
		{"*ab", "xab", true},
		{"*ab", "aab", false},
		{"*aa", "aa", true},
		{"*aa", "xaa", true},
		{"*aa", "aaa", false},
		{"* one", "x one", true},
		{"* one", "x  one", false},
		{"*a*", "bab", true},
		{"*a*", "bb", false},
		{"a*b*c", "axbxc", true},
		{"a*b*c", "abc", true},
		{"a*b*c", "axbxcx", false},
		{"a*b*c", "axcxb", false},
		{"**", "", false},
		{"**", "x", false},
		{"**", "*", true},
		{"**", "x*y", true},
		{"***", "x*y", true},
		{"***", "xy", false},
		{"**a", "*a", true},
		{"**a", "x*xa", true},
		{"**a", "xa", false},
		{"a**b", "a*b", true},
		{"a**b", "axx*xxb", true},
		{"a**b", "axxb", false},
		{"\xff*", "\xff\x00", true},
		{"* fatal*", "@4000000037c219bf2ef02e94 fatal: x", true},
	}
	for _, test := range tests {
		p := compile(test.pattern)
		if got := p.match([]byte(test.line)); got != test.want {
			t.Errorf("%q matches %q = %v, want %v", test.pattern, test.line, got, test.want)
		}
		if got := matches(test.pattern, []byte(test.line)); got != test.want {
			t.Errorf("the reference says %q matches %q = %v, want %v", test.pattern, test.line, got, test.want)
		}
	}
}

// matches spells out the rules: byte by byte, nothing compiled.
func matches(pattern string, line []byte) bool {
	for ; pattern != ""; pattern = pattern[1:] {
		switch {
		case pattern == "*":
			return true
		case pattern[0] == '*':
			for len(line) > 0 && line[0] != pattern[1] {
				line = line[1:]
			}
			if len(line) == 0 {
				return false
			}
			continue
		}
		if len(line) == 0 || line[0] != pattern[0] {
			return false
		}
		line = line[1:]
	}
	return len(line) == 0
}

func FuzzMatch(f *testing.F) {
	f.Add("", []byte(""))
	f.Add("*ab*c", []byte("xabyc"))
	f.Add("a**b***", []byte("a*b*"))
	f.Add("* fatal: *", []byte("@4000000037c219bf2ef02e94 fatal: x"))
	f.Fuzz(func(t *testing.T, text string, line []byte) {
		p := compile(text)
		before := bytes.Clone(line)
		if got, want := p.match(line), matches(text, line); got != want {
			t.Errorf("%q matches %q = %v, want %v", text, line, got, want)
		}
		if !bytes.Equal(line, before) {
			t.Errorf("the line has changed from %q to %q", before, line)
		}
	})
}
