package integration

import (
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"
)

// build returns a syn3d that is built with that tag, for that machine.
func build(t *testing.T, tag, goarch string) string {
	t.Helper()
	file := t.TempDir() + "/syn3d"
	build := exec.Command("go", "build", "-trimpath", "-ldflags=-s -w", "-tags", tag, "-o", file, "syn3d")
	build.Env = append(os.Environ(), "CGO_ENABLED=0", "GOARCH="+goarch)
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	return file
}

// centreInHelp is what the minimal build does not have.
var centreInHelp = regexp.MustCompile(`(?m)^  scc .*\n.*\n|^scc\n`)

// TestMinimal has the minimal build say what the other one does, with less in
// it.
func TestMinimal(t *testing.T) {
	t.Parallel()
	minimal, whole := build(t, "minimal", pc.goarch), build(t, "urfave_cli_no_docs", pc.goarch)
	if got, most := size(t, minimal), size(t, whole)*3/4; got > most {
		t.Errorf("the minimal build has %d bytes, want at most %d", got, most)
	}
	scan := t.TempDir()
	writeService(t, scan+"/x", forever)
	for _, args := range [][]string{
		{}, {"--help"}, {"-h"}, {"--list"}, {"--version"}, {"-v"}, {"--list", "x"}, {"x"}, {"x", "-h"}, {"--foo"}, {"--list=x"},
		{"svcstart"}, {"svcstart", "-x"}, {"svcstart", "-w"}, {"svcstart", "-w", "x", "./missing"}, {"svcstart", "-w=1", "--watch", "0", "./missing"},
		{"svcstart", "--json=x", "./missing"}, {"svcstart", "--watch", "x", "./missing"}, {"svcstart", "./missing", "--json"}, {"svcstart", "--", "--json"},
		{"svcstop", "-k", "--json=false", "./missing"}, {"svcdisable", "-k", "--later", "-json", "./missing"},
		{"svcstart", "--deps", "./missing"}, {"svcstart", "--later", "./missing"}, {"svstat", "--json", "./x"}, {"svstat", "-l", "./x"},
		{"syn3-state"}, {"syn3-state", "--json"}, {"syn3-state", "--metrics", "x"}, {"syn3-state", "--json", "x"},
		{"syn3-state", "x", "--json"}, {"syn3-state", "-x"}, {"upgrade", "--help"}, {"multilog", "-"}, {"svok", "x"},
	} {
		says := func(program string) result {
			return run(t, scan, append([]string{"env", "SYN3_ROOT=" + scan, program}, args...)...)
		}
		got, want := says(minimal), says(whole)
		if want.out = centreInHelp.ReplaceAllString(want.out, ""); got != want {
			t.Errorf("the minimal syn3d %q = %+v, want %+v", args, got, want)
		}
	}
	if got, want := run(t, scan, minimal, "svcstop", "--help"), "\n  -w seconds\n"; !strings.Contains(got.out, want) || got.code != 0 {
		t.Errorf("svcstop --help = %+v, want it to tell of %q", got, want)
	}
}

// TestMinimalImage makes a whole system of it, for memory that is scarce.
func TestMinimalImage(t *testing.T) {
	t.Parallel()
	installed(t, "/usr/bin/xz", "xz-utils")
	if got, most := size(t, pc.initramfs(t, t.TempDir())), int64(2<<20); got > most {
		t.Errorf("an image with syn3d, busybox and five services has %d bytes, want at most %d", got, most)
	}
}

func size(t *testing.T, file string) int64 {
	t.Helper()
	info, err := os.Stat(file)
	check(t, err)
	return info.Size()
}
