package applets

import (
	"slices"
	"strings"
	"testing"
)

func TestEnvironmentEntry(t *testing.T) {
	tests := []struct{ what, content, want string }{
		{"nothing: to be removed", "", "NAME"},
		{"a line", "value\n", "NAME=value"},
		{"no newline", "value", "NAME=value"},
		{"only a newline", "\n", "NAME="},
		{"only the first line counts", "\nvalue\n", "NAME="},
		{"blanks at the end", "value \t \n", "NAME=value"},
		{"other blanks", " a b\r\v\n", "NAME= a b\r\v"},
		{"NUL for a newline", "a\x00b\n", "NAME=a\nb"},
		{"NUL before blanks", "a\x00 \t\n", "NAME=a\n"},
		{"blanks before NUL", "a \x00\n", "NAME=a \n"},
		{"equals signs", "=a=b=\n", "NAME==a=b="},
	}
	for _, test := range tests {
		if got := environmentEntry("NAME", []byte(test.content)); got != test.want {
			t.Errorf("%s: environmentEntry(NAME, %q) = %q, want %q", test.what, test.content, got, test.want)
		}
	}
}

func FuzzEnvironmentEntry(f *testing.F) {
	for _, content := range []string{"", "\n", "value \t\nmore", "a\x00 ", "\x00"} {
		f.Add([]byte(content))
	}
	f.Fuzz(func(t *testing.T, content []byte) {
		entry := environmentEntry("NAME", content)
		name, value, isSet := strings.Cut(entry, "=")
		switch {
		case name != "NAME" || isSet != (len(content) > 0):
			t.Errorf("environmentEntry(NAME, %q) = %q", content, entry)
		case strings.Contains(value, "\x00"):
			t.Errorf("environmentEntry(NAME, %q) = %q, which cannot be handed on", content, entry)
		case strings.TrimRight(value, " \t") != value:
			t.Errorf("environmentEntry(NAME, %q) = %q, with blanks at the end", content, entry)
		case !strings.HasPrefix(strings.ReplaceAll(string(content), "\x00", "\n"), value):
			t.Errorf("environmentEntry(NAME, %q) = %q, which does not come from there", content, entry)
		}
	})
}

func TestSetenv(t *testing.T) {
	tests := []struct {
		what    string
		environ string
		entries []string
		want    string
	}{
		{"new", "A=1 B=2", []string{"C=3"}, "A=1 B=2 C=3"},
		{"the last fills the gap", "A=1 B=2 C=3", []string{"A=9"}, "C=3 B=2 A=9"},
		{"itself the last", "A=1 B=2", []string{"B=9"}, "A=1 B=9"},
		{"one after the other", "A=1 GID=8 B=2 C=3", []string{"GID=1", "UID=2"}, "A=1 C=3 B=2 GID=1 UID=2"},
		{"only the first of two", "A=1 A=2 B=3", []string{"A=9"}, "B=3 A=2 A=9"},
		{"removed", "A=1 B=2 C=3", []string{"A"}, "C=3 B=2"},
		{"removed, not there", "A=1", []string{"B"}, "A=1"},
		{"removed, the only one", "A=1", []string{"A"}, ""},
		{"what begins alike", "AB=1 A=2", []string{"A=9"}, "AB=1 A=9"},
		{"an entry that is none", "A B=1", []string{"A=9"}, "A B=1 A=9"},
	}
	for _, test := range tests {
		c := &chain{environ: strings.Fields(test.environ)}
		for _, entry := range test.entries {
			c.setenv(entry)
		}
		if want := strings.Fields(test.want); !slices.Equal(c.environ, want) {
			t.Errorf("%s: %s, after setenv of %q = %q, want %q", test.what, test.environ, test.entries, c.environ, want)
		}
	}
}
