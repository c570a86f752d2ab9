package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"syn3d/applets"
	"syn3d/applets/frontend"
)

// The test binary is syn3d itself when it is run as such, under any name.
func TestMain(m *testing.M) {
	if os.Getenv("BE_SYN3D") != "" {
		main()
	}
	os.Exit(m.Run())
}

func call(t *testing.T, name string, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	link := filepath.Join(t.TempDir(), name)
	if err := os.Symlink(self, link); err != nil {
		t.Fatal(err)
	}
	var out, errs strings.Builder
	cmd := exec.Command(link, args...)
	cmd.Env = append(os.Environ(), "BE_SYN3D=1")
	cmd.Stdout, cmd.Stderr = &out, &errs
	cmd.Run()
	return out.String(), errs.String(), cmd.ProcessState.ExitCode()
}

func TestDispatch(t *testing.T) {
	const svokUsage = "svok: usage: svok dir\n"
	tests := []struct {
		what         string
		argv         []string
		stdout, errs string // what they contain
		code         int
	}{
		{"link", []string{"svok"}, "", svokUsage, 100},
		{"first argument", []string{"syn3d", "svok"}, "", svokUsage, 100},
		{"first argument under another name", []string{"syn3d-arm64", "svok"}, "", svokUsage, 100},
		{"the link wins", []string{"svok", "svstat", "x"}, "", "svok: fatal: unable to chdir to svstat", 111},
		{"list", []string{"syn3d", "--list"}, "\nsvok\nsupervise\n", "", 0},
		{"version", []string{"syn3d", "--version"}, "syn3d " + version + "\n", "", 0},
		{"help", []string{"syn3d", "--help"}, "svok service\n", "", 0},
		{"nothing", []string{"syn3d"}, "svok service\n", "", 0},
		{"unknown applet", []string{"syn3d", "svfoo"}, "", "syn3d: fatal: unknown applet svfoo (syn3d --list ", 100},
		{"unknown option", []string{"syn3d-arm64", "--foo"}, "", "syn3d: fatal: flag provided but not defined: -foo (", 100},
		{"unknown link", []string{"svfoo", "x"}, "", "syn3d: fatal: called as svfoo, which is no applet: unknown applet x (", 100},
		{"unknown link, option", []string{"svfoo", "-z"}, "", "called as svfoo, which is no applet: flag provided but not defined: -z (", 100},
	}
	for _, test := range tests {
		t.Run(test.what, func(t *testing.T) {
			stdout, errs, code := call(t, test.argv[0], test.argv[1:]...)
			if !strings.Contains(stdout, test.stdout) || !strings.Contains(errs, test.errs) || code != test.code {
				t.Errorf("%q = %q, %q, %d; want %q, %q, %d",
					test.argv, stdout, errs, code, test.stdout, test.errs, test.code)
			}
		})
	}
}

func TestEveryAppletIsCarriedOut(t *testing.T) {
	for _, a := range applets.All() {
		for _, args := range [][]string{nil, {"-l"}, {"--long"}, {"--json"}, {"x", "-l"}} {
			if early, late := a.Early(args) != nil, frontend.Find(a.Name) != nil; !early && !late {
				t.Errorf("%s %q is carried out neither early nor by frontend", a.Name, args)
			}
		}
	}
}

// Whoever makes links of the list has a system with an init of its own.
func TestListIsOfLinks(t *testing.T) {
	list, _, _ := call(t, "syn3d", "--list")
	for name, want := range map[string]bool{"svc": true, "svcstart": true, "init": false, "reboot": false, "upgrade": false} {
		if got := strings.Contains("\n"+list, "\n"+name+"\n"); got != want {
			t.Errorf("%s is listed: %t, want %t", name, got, want)
		}
	}
}
