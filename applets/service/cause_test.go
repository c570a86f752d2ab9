package service

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

func TestAccountsOf(t *testing.T) {
	tests := []struct {
		what, run string
		want      []string
	}{
		{"setuidgid", "#!/bin/sh\nexec setuidgid squid squid -N\n", []string{"squid"}},
		{"a path", "#!/bin/sh\nexec /command/setuidgid squid squid -N\n", []string{"squid"}},
		{"in a chain", "#!/bin/sh\nexec envuidgid a softlimit -m 9 s6-setuidgid b x\n", []string{"a", "b"}},
		{"su", "#!/bin/bash\nexec su - download -c \"mldonkey -allowed_ips 1.2.3.4\"\n", []string{"download"}},
		{"su with options", "#!/bin/bash\nexec su -l download\n", []string{"download"}},
		{"su with the command first", "#!/bin/bash\nexec su -c 'x y' download\n", nil},
		{"quoted", "#!/bin/sh\nexec setuidgid 'squid' squid\n", []string{"squid"}},
		{"a variable", "#!/bin/sh\nexec setuidgid $USER squid\nexec setuidgid \"$U\" x\n", nil},
		{"a comment", "#!/bin/sh\n# setuidgid nobody\nx # setuidgid nobody\n", nil},
		{"nothing behind it", "#!/bin/sh\nexec setuidgid\n", nil},
		{"none", "#!/bin/sh\nexec squid\n", nil},
	}
	for _, test := range tests {
		if got := accountsOf(test.run); !slices.Equal(got, test.want) {
			t.Errorf("%s: accountsOf(%q) = %q, want %q", test.what, test.run, got, test.want)
		}
	}
}

func TestAccountExists(t *testing.T) {
	for name, want := range map[string]bool{"root": true, "nobody-has-this-name": false} {
		if got := accountExists(name); got != want {
			t.Errorf("accountExists(%q) = %t, want %t", name, got, want)
		}
	}
}

func TestCheckRunnable(t *testing.T) {
	// An ELF head of 64 bits for the machine of number 0xfefe, which is none.
	foreign := "\x7fELF\x02\x01\x01" + strings.Repeat("\x00", 11) + "\xfe\xfe" + strings.Repeat("\x00", 40)
	tests := []struct {
		what    string
		content string
		mode    os.FileMode
		want    string // "" if it can be run
	}{
		{"a script", "#!/bin/sh\n", 0o755, ""},
		{"a script with an argument", "#! /bin/sh -e\n", 0o755, ""},
		{"a script without a newline", "#!/bin/sh", 0o755, ""},
		{"a relative interpreter", "#!./interpreter\n", 0o755, ""},
		{"not executable", "#!/bin/sh\n", 0o644, "it is not executable"},
		{"no such interpreter", "#!/bin/no-such-shell\n", 0o755, "its interpreter /bin/no-such-shell does not exist"},
		{"an interpreter that is none", "#!./data\n", 0o755, "its interpreter ./data is not executable"},
		{"lines of DOS", "#!/bin/sh\r\n", 0o755, `its lines end as those of DOS do, with \r`},
		{"lines of DOS and an argument", "#!/bin/sh -e\r\n", 0o755, ""}, // the kernel does not mind
		{"an empty #! line", "#! \n", 0o755, "its #! line names no interpreter"},
		{"plain text", "exec sleep 1\n", 0o755, "it neither is a program nor begins with #!"},
		{"empty", "", 0o755, "it neither is a program nor begins with #!"},
		{"for another machine", foreign, 0o755, "it is a program for another machine"},
		{"cut off", "\x7fELF\x02", 0o755, "it is damaged"},
	}
	for _, test := range tests {
		t.Run(test.what, func(t *testing.T) {
			if foreignFormats() && !strings.HasPrefix(test.content, "#!") {
				t.Skip("this kernel was told of more formats of programs")
			}
			dir := t.TempDir()
			write(t, dir+"/interpreter", "#!/bin/sh\n", 0o755)
			write(t, dir+"/data", "", 0o644)
			write(t, dir+"/run", test.content, test.mode)
			checkWhy(t, dir+"/run", test.want)
		})
	}
	dir := t.TempDir()
	check(t, os.Symlink("nowhere", dir+"/dangling"))
	checkWhy(t, dir+"/missing", "file does not exist")
	checkWhy(t, dir+"/dangling", "it is a link to nowhere, which does not exist")
	checkWhy(t, dir, "it is a directory")
	check(t, unix.Mkfifo(dir+"/fifo", 0o755))
	checkWhy(t, dir+"/fifo", "it is not a regular file")
	self, err := os.Executable()
	check(t, err)
	checkWhy(t, self, "")
}

func checkWhy(t *testing.T, file, why string) {
	t.Helper()
	got, want := "", ""
	if err := checkRunnable(file); err != nil {
		got = err.Error()
	}
	if why != "" {
		want = "unable to start " + file + ": " + why
	}
	if got != want {
		t.Errorf("checkRunnable(%q) = %q, want %q", filepath.Base(file), got, want)
	}
}

func write(t *testing.T, file, content string, mode os.FileMode) {
	t.Helper()
	check(t, os.WriteFile(file, []byte(content), mode))
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
