package multilog

import (
	"fmt"
	"strings"
	"testing"
)

// String shows a script, every action as it could have been written.
func (s script) String() string {
	var shown []string
	if s.stamp {
		shown = append(shown, "t")
	}
	for _, a := range s.actions {
		switch a.kind {
		case '=':
			shown = append(shown, "="+s.statuses[a.target])
		case '.':
			d := s.dirs[a.target]
			shown = append(shown, fmt.Sprintf("s%d n%d", d.size, d.keep))
			if d.processor != nil {
				shown = append(shown, "!"+*d.processor)
			}
			shown = append(shown, d.name)
		default:
			shown = append(shown, string(a.kind))
		}
	}
	return strings.Join(shown, " ")
}

func TestParse(t *testing.T) {
	tests := []struct{ name, script, want string }{
		{"nothing", "", ""},
		{"a directory", "./d", "s99999 n10 ./d"},
		{"an absolute one", "/d", "s99999 n10 /d"},
		{"two", "./d ./e", "s99999 n10 ./d s99999 n10 ./e"},
		{"limits hold for what follows", "./a s5000 ./b n3 ./c", "s99999 n10 ./a s5000 n10 ./b s5000 n3 ./c"},
		{"limits that are too low", "s1 n1 ./d", "s4096 n2 ./d"},
		{"a size that is too high", "s16777216 n99999999 ./d", "s16777215 n99999999 ./d"},
		{"no numbers", "s n ./d", "s4096 n2 ./d"},
		{"what follows a number", "s5000x n3.5 ./d", "s5000 n3 ./d"},
		{"negative", "s-5000 n-3 ./d", "s4096 n2 ./d"},
		{"wrapped", "s18446744073709556616 ./d", "s5000 n10 ./d"},
		{"processors", "./a !x ./b ! ./c", "s99999 n10 ./a s99999 n10 !x ./b s99999 n10 ! ./c"},
		{"label", "t ./d", "t s99999 n10 ./d"},
		{"label, a long word", "tai ./d", "t s99999 n10 ./d"},
		{"label too late", "./d t", "s99999 n10 ./d"},
		{"label behind nothing", " t ./d", "s99999 n10 ./d"},
		{"each line", "-a +b e =st error", "- + e =st e"},
		{"unknown", "E x 1 @ -", "-"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := parse(strings.Split(test.script, " "))
			if got := s.String(); got != test.want {
				t.Errorf("parse(%q) = %q, want %q", test.script, got, test.want)
			}
		})
	}
	if got := parse(nil).String(); got != "" {
		t.Errorf("parse() = %q, want nothing", got)
	}
}

func FuzzScript(f *testing.F) {
	f.Add("t\ns5000\nn3\n!cat\n./d\n-*\n+a\n=st\ne")
	f.Add("s99999999999999999999\nn\n/\n.")
	f.Fuzz(func(t *testing.T, text string) {
		args := strings.Split(text, "\n")
		s := parse(args)
		var dirs, statuses int
		for _, arg := range args {
			switch first(arg) {
			case '.', '/':
				dirs++
			case '=':
				statuses++
			}
		}
		if len(s.dirs) != dirs || len(s.statuses) != statuses {
			t.Errorf("parse(%q) has %d directories and %d status files, want %d and %d", args, len(s.dirs), len(s.statuses), dirs, statuses)
		}
		for _, d := range s.dirs {
			if d.size < minSize || d.size > maxSize || d.keep < minKeep {
				t.Errorf("parse(%q) has %s with s%d n%d", args, d.name, d.size, d.keep)
			}
		}
		if len(args) == 1 && args[0] == "" {
			return
		}
		if again := parse(strings.Split(shownArgs(args), "\n")); again.String() != s.String() {
			t.Errorf("parse(%q) = %q, without what is unknown %q", args, s, again)
		}
	})
}

// shownArgs leaves out what is unknown.
func shownArgs(args []string) string {
	var known []string
	for i, arg := range args {
		if arg != "" && strings.IndexByte("+-e=./sn!", arg[0]) >= 0 || i == 0 && first(arg) == 't' {
			known = append(known, arg)
		}
	}
	return strings.Join(known, "\n")
}
