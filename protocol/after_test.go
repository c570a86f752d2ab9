package protocol

import (
	"os"
	"slices"
	"testing"
)

func writeAfter(t *testing.T, dir, text string) {
	t.Helper()
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(dir+"/after", []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func TestAfter(t *testing.T) {
	for _, test := range []struct {
		name, text string
		want       []string
	}{
		{"empty", "", nil},
		{"names", "slapd\nnamed\n", []string{"slapd", "named"}},
		{"no newline at the end", "slapd", []string{"slapd"}},
		{"blanks and empty lines", "\n  slapd \n\n", []string{"slapd"}},
		{"what is no name", "..\n/etc\na/log\n.hidden\nok\n", []string{"ok"}},
	} {
		dir := t.TempDir()
		writeAfter(t, dir, test.text)
		if got := After(dir); !slices.Equal(got, test.want) {
			t.Errorf("%s: After(%q) = %q, want %q", test.name, test.text, got, test.want)
		}
	}
	if got := After(t.TempDir()); got != nil {
		t.Errorf("After without a file = %q, want none", got)
	}
}

func TestLeadsTo(t *testing.T) {
	scan := t.TempDir()
	for name, after := range map[string]string{"a": "b\nx\n", "b": "c\n", "c": "", "d": "e\n", "e": "d\n", "self": "self\n"} {
		writeAfter(t, scan+"/"+name, after)
	}
	for _, test := range []struct {
		name, to string
		want     bool
	}{
		{"a", "b", true},
		{"a", "c", true},
		{"a", "x", true}, // which is not there
		{"c", "a", false},
		{"d", "e", true},
		{"e", "d", true},
		{"d", "a", false}, // a ring, that ends all the same
		{"self", "self", true},
	} {
		if got := LeadsTo(scan, test.name, test.to); got != test.want {
			t.Errorf("LeadsTo(%s, %s) = %v, want %v", test.name, test.to, got, test.want)
		}
	}
}
