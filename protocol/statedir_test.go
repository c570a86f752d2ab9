package protocol

import (
	"os"
	"strings"
	"testing"
)

func TestStatePath(t *testing.T) {
	t.Chdir(t.TempDir())
	here, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir("squid", 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("squid", "link"); err != nil {
		t.Fatal(err)
	}
	colons := strings.ReplaceAll(here, "/", ":")
	for _, test := range []struct {
		name, state, dir, file string
		want                   string
	}{
		{"usually", "", "squid", StatusFile, "squid/supervise/status"},
		{"another name", "state", "squid", StatusFile, "squid/state/status"},
		{"another name for the directory", "state", "/service/squid", StateDir, "/service/squid/state"},
		{"elsewhere", "/run/sv", "squid", OkFile, "/run/sv/" + colons + ":squid/ok"},
		{"elsewhere, the directory", "/run/sv", here + "/squid", StateDir, "/run/sv/" + colons + ":squid"},
		{"elsewhere, by a link", "/run/sv", "link", OkFile, "/run/sv/" + colons + ":squid/ok"},
		{"elsewhere, of what is not there", "/run/sv", "/service/none/", OkFile, "/run/sv/:service:none/ok"},
		{"of no directory", "/run/sv", "", OkFile, ""},
	} {
		t.Setenv("SUPERVISEDIR", test.state)
		if got := StatePath(test.dir, test.file); got != test.want {
			t.Errorf("%s: StatePath(%q, %q) = %q, want %q", test.name, test.dir, test.file, got, test.want)
		}
	}
}
