package multilog

import (
	"slices"
	"strings"
	"testing"
)

func TestNewSkimmer(t *testing.T) {
	tests := []struct {
		script  string
		needles []string
		useless bool
	}{
		{"./d", nil, false},
		{"t ./d ./e", nil, false},
		{"-*debug* ./d", []string{"debug"}, false},
		{"-* +*fatal* ./d", []string{"fatal"}, false},
		{"-prefix*a ./d", []string{"prefix"}, false},
		{"-a*bc*d ./d", []string{"bc"}, false},
		{"-** ./d", []string{"*"}, false},
		{"./d -* +*x* e =s", []string{"x"}, false},
		{"-* +* e", nil, true},
		{"e -*", nil, true},
		{"=s ./d", nil, true},
		{"-*x* e", []string{"x"}, true},
		{"- ./d", []string{""}, true},
		{"-a -b -c -d -e ./d", []string{"a", "b", "c", "d", "e"}, true},
	}
	for _, test := range tests {
		s := newSkimmer(parse(strings.Split(test.script, " ")).actions)
		var needles []string
		for _, n := range s.needles {
			needles = append(needles, string(n.text))
		}
		if !slices.Equal(needles, test.needles) || s.useless != test.useless {
			t.Errorf("newSkimmer(%s) = %q, useless %v, want %q, %v", test.script, needles, s.useless, test.needles, test.useless)
		}
	}
}

func TestSkip(t *testing.T) {
	tests := []struct{ script, text, want string }{ // the lines that are looked at
		{"./d", "a\nb\nc\n", "a"},
		{"-*x* ./d", "a\nb\nc\n", "a"},
		{"-*x* ./d", "a\nb\nx\nc\nd\n", "a x c"},
		{"-*x* ./d", "x\nx\na\nb\nx", "x x a"},
		{"-*x* ./d", "a\nb", "a"},
		{"-*x* -*y* ./d", "a\nb\ny\nc\nx\nb\nb\n", "a y c x b"},
		{"e", "a\nb\n", "a b"},
	}
	for _, test := range tests {
		s := newSkimmer(parse(strings.Split(test.script, " ")).actions)
		text := []byte(test.text)
		var looked []string
		s.reset()
		for at := 0; at < len(text); {
			line, _, whole := strings.Cut(test.text[at:], "\n")
			if !whole {
				break
			}
			looked = append(looked, line)
			at = s.skip(text, at, at+len(line)+1)
		}
		if got := strings.Join(looked, " "); got != test.want {
			t.Errorf("%s: looks at %q of %q, want %q", test.script, got, test.text, test.want)
		}
	}
}
