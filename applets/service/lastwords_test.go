package service

import (
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

func TestPresentable(t *testing.T) {
	here := time.Local
	time.Local = time.UTC
	t.Cleanup(func() { time.Local = here })
	tests := []struct{ what, line, want string }{
		{"plain", "cannot bind", "cannot bind"},
		{"labelled", "@400000004b1a1b2c2d1a1b2c cannot bind", "2009-12-05 08:34:42.756685 cannot bind"},
		{"a label alone", "@400000004b1a1b2c2d1a1b2c", "2009-12-05 08:34:42.756685 "},
		{"a short label", "@400000004b1a1b2c cannot bind", "@400000004b1a1b2c cannot bind"},
		{"no label", "@400000004b1a1b2c2d1a1bxx cannot bind", "@400000004b1a1b2c2d1a1bxx cannot bind"},
		{"a terminal's commands", "\x1b[2Jgone\a\x7f\u009b", "?[2Jgone???"},
		{"a tab", "a\tb", "a\tb"},
		{"no UTF-8", "a\xff\xfeb", "a?b"},
		{"other letters", "é世", "é世"},
		{"long", strings.Repeat("x", 300), strings.Repeat("x", 200) + "..."},
	}
	for _, test := range tests {
		if got := presentable(test.line); got != test.want {
			t.Errorf("%s: presentable(%q) = %q, want %q", test.what, test.line, got, test.want)
		}
	}
}

func TestScrolledIn(t *testing.T) {
	tests := []struct{ what, before, title, want string }{
		{"nothing", ".....abc", ".....abc", ""},
		{"a word", "........", ".....abc", "abc"},
		{"another word", ".....abc", "...bcdef", "def"},
		{"all of it", "...vwxyz", "...abcde", "abcde"},
		{"another reader", "...", "...abcde", "...abcde"},
		{"none before", "", "...abcde", "...abcde"},
	}
	for _, test := range tests {
		if got := scrolledIn(test.before, test.title); got != test.want {
			t.Errorf("%s: scrolledIn(%q, %q) = %q, want %q", test.what, test.before, test.title, got, test.want)
		}
	}
}

func TestCurrentLog(t *testing.T) {
	tests := []struct{ what, run, want string }{
		{"relative", "#!/bin/sh\nexec multilog t s250000 ./main\n", "DIR/log/main/current"},
		{"without a point", "#!/bin/sh\nexec multilog t main\n", ""}, // is no directory to multilog either
		{"absolute", "#!/bin/sh\nexec setuidgid log multilog t ROOT/elsewhere\n", "ROOT/elsewhere/current"},
		{"quoted", "#!/bin/sh\nexec multilog t \"./main\";\n", "DIR/log/main/current"},
		{"the first that is one", "#!/bin/sh\nexec multilog t ./none '-*' ./main\n", "DIR/log/main/current"},
		{"svlogd", "#!/bin/sh\nexec svlogd -tt ./main/\n", "DIR/log/main/current"},
		{"none", "#!/bin/sh\nexec cat >>lines\n", ""},
	}
	for _, test := range tests {
		root := t.TempDir()
		dir := root + "/x"
		fill := strings.NewReplacer("ROOT", root, "DIR", dir)
		check(t, os.MkdirAll(dir+"/log/main", 0o755))
		check(t, os.Mkdir(root+"/elsewhere", 0o755))
		write(t, dir+"/log/main/current", "", 0o644)
		write(t, root+"/elsewhere/current", "", 0o644)
		write(t, dir+"/log/run", fill.Replace(test.run), 0o755)
		if got, want := CurrentLog(dir), fill.Replace(test.want); got != want {
			t.Errorf("%s: CurrentLog = %q, want %q", test.what, got, want)
		}
	}
}

// TestCurrentLogOfFIFO has a run script of which nobody will ever write a word.
func TestCurrentLogOfFIFO(t *testing.T) {
	dir := t.TempDir()
	check(t, os.Mkdir(dir+"/log", 0o755))
	check(t, unix.Mkfifo(dir+"/log/run", 0o755))
	if got := CurrentLog(dir); got != "" {
		t.Errorf("CurrentLog = %q, want none", got)
	}
}

func TestWordsSince(t *testing.T) {
	tests := []struct {
		what  string
		later func(t *testing.T, current string)
		want  []string
	}{
		{"nothing", func(*testing.T, string) {}, nil},
		{"two lines", func(t *testing.T, current string) { appendTo(t, current, "one\n\ntwo\n") }, []string{"one", "two"}},
		{"half a line", func(t *testing.T, current string) { appendTo(t, current, "one\ntw") }, []string{"one", "tw"}},
		{"more than enough", func(t *testing.T, current string) { appendTo(t, current, "1\n2\n3\n4\n5\n6\n") }, []string{"2", "3", "4", "5", "6"}},
		{"very much", func(t *testing.T, current string) {
			appendTo(t, current, strings.Repeat("much\n", 10000)+"end\n")
		}, []string{"much", "much", "much", "much", "end"}},
		{"rotated", func(t *testing.T, current string) {
			check(t, os.Rename(current, current+".old"))
			write(t, current, "new\n", 0o644)
		}, []string{"new"}},
		{"gone", func(t *testing.T, current string) { check(t, os.Remove(current)) }, nil},
	}
	for _, test := range tests {
		dir := t.TempDir()
		check(t, os.MkdirAll(dir+"/log/main", 0o755))
		write(t, dir+"/log/run", "#!/bin/sh\nexec multilog t ./main\n", 0o755)
		current := dir + "/log/main/current"
		write(t, current, "before\n", 0o644)
		l := listen(dir, nil)
		test.later(t, current)
		lines, source := l.words(false)
		if !slices.Equal(lines, test.want) || source != current {
			t.Errorf("%s: words() = %q, %q, want %q, %q", test.what, lines, source, test.want, current)
		}
	}
}

func appendTo(t *testing.T, file, text string) {
	t.Helper()
	f, err := os.OpenFile(file, os.O_APPEND|os.O_WRONLY, 0)
	check(t, err)
	defer f.Close()
	_, err = f.WriteString(text)
	check(t, err)
}
