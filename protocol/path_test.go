package protocol

import (
	"os"
	"slices"
	"testing"

	"golang.org/x/sys/unix"
)

func TestPath(t *testing.T) {
	tests := []struct {
		name    string
		environ []string
		want    string
	}{
		{"set", []string{"A=1", "PATH=/a:/b"}, "/a:/b"},
		{"set twice", []string{"PATH=/a", "PATH=/b"}, "/a"},
		{"empty", []string{"PATH="}, ""},
		{"unset", []string{"XPATH=/a", "PATH", "PATHS=/b"}, "/bin:/usr/bin"},
		{"no environment", nil, "/bin:/usr/bin"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got := Path(test.environ); got != test.want {
				t.Errorf("Path(%q) = %q, want %q", test.environ, got, test.want)
			}
		})
	}
}

func TestCandidates(t *testing.T) {
	tests := []struct {
		name          string
		program, path string
		want          []string
	}{
		{"in each directory", "p", "/a:b/", []string{"/a/p", "b//p"}},
		{"empty PATH", "p", "", []string{"./p"}},
		{"empty elements", "p", ":/a::", []string{"./p", "/a/p", "./p", "./p"}},
		{"with a slash", "d/p", "/a", []string{"d/p"}},
		{"ends with a slash", "p/", "/a", []string{"p/"}},
		{"no name", "", "/a", []string{"/a/"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got := Candidates(test.program, test.path); !slices.Equal(got, test.want) {
				t.Errorf("Candidates(%q, %q) = %q, want %q", test.program, test.path, got, test.want)
			}
		})
	}
}

func TestExecutable(t *testing.T) {
	t.Chdir(t.TempDir())
	must(t, os.WriteFile("program", nil, 0o755))
	must(t, os.WriteFile("text", nil, 0o644))
	must(t, os.Mkdir("dir", 0o755))
	must(t, os.Symlink("loop", "loop"))
	must(t, os.Symlink("program", "link"))
	tests := []struct {
		name       string
		candidates []string
		want       string
		err        error
	}{
		{"the first", []string{"program", "link"}, "program", nil},
		{"a link", []string{"link"}, "link", nil},
		{"after what is not there", []string{"gone", "gone/too", "program"}, "program", nil},
		{"after what cannot be executed", []string{"text", "dir", "program"}, "program", nil},
		{"not after other trouble", []string{"loop", "program"}, "", unix.ELOOP},
		{"not after a file in place of a directory", []string{"text/program", "program"}, "", unix.ENOTDIR},
		{"none there", []string{"gone"}, "", unix.ENOENT},
		{"trouble is remembered", []string{"text", "gone"}, "", unix.EACCES},
		{"no candidates", nil, "", unix.ENOENT},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, err := Executable(test.candidates)
			if got != test.want || err != test.err {
				t.Errorf("Executable(%q) = %q, %v, want %q, %v", test.candidates, got, err, test.want, test.err)
			}
		})
	}
}
