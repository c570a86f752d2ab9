package integration

import (
	"context"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

var record = flag.Bool("record", false, "record what the golden cases print, from the original")

// originalPath is where the original is looked for, and every other program
// that a golden case runs.
const originalPath = "/usr/bin:/bin"

// TestGolden runs every golden case with our tools.
func TestGolden(t *testing.T) {
	t.Parallel()
	readableByAll(t, bin)
	hosted := bin + ":" + originalPath
	forked := forkingBin(t) + ":" + hosted
	for _, f := range readGolden(t) {
		if _, err := os.Stat(bin + "/" + f.tool); err != nil {
			t.Errorf("%s would be run with the original: %v", f.path, err)
			continue
		}
		for _, c := range f.cases {
			name := f.tool + "/" + c.name
			if !slices.Contains(c.needs, "forked") {
				t.Run(name, func(t *testing.T) { t.Parallel(); c.check(t, hosted, c.expected("hosted")) })
			}
			if f.tool == "svscan" {
				t.Run(name+"/forked", func(t *testing.T) { t.Parallel(); c.check(t, forked, c.expected("forked")) })
			}
		}
	}
}

// TestGoldenIsTrue runs every golden case with the original.
func TestGoldenIsTrue(t *testing.T) {
	t.Parallel()
	for _, f := range readGolden(t) {
		original(t, f.tool)
		for _, c := range f.cases {
			t.Run(f.tool+"/"+c.name, func(t *testing.T) {
				t.Parallel()
				c.check(t, originalPath, c.original)
			})
		}
	}
}

// TestGoldenRecord writes down what the original prints.
func TestGoldenRecord(t *testing.T) {
	if !*record {
		t.Skip("only with -record")
	}
	for _, f := range readGolden(t) {
		if _, err := os.Stat("/usr/bin/" + f.tool); err != nil {
			t.Fatalf("only the original can be recorded: %v", err)
		}
		t.Run(f.tool, func(t *testing.T) { // ends when all of its cases have
			for _, c := range f.cases {
				t.Run(c.name, func(t *testing.T) {
					t.Parallel()
					c.skipUnlessPossible(t)
					c.original = c.play(t, originalPath)
				})
			}
		})
		if err := os.WriteFile(f.path, []byte(f.String()), 0o644); err != nil {
			t.Error(err)
		}
	}
}

// TestGoldenDeviations compares the golden files with the document that
// explains in which ways this implementation differs on purpose.
func TestGoldenDeviations(t *testing.T) {
	t.Parallel()
	const document = "../docs/differences.md"
	text, err := os.ReadFile(document)
	if err != nil {
		t.Fatal(err)
	}
	shown := map[string]bool{} // by heading: is there a case?
	for _, line := range strings.Split(string(text), "\n") {
		if heading, found := strings.CutPrefix(line, "### "); found {
			shown[heading] = false
		}
	}
	for _, f := range readGolden(t) {
		for _, c := range f.cases {
			for _, d := range c.deviations {
				if _, explained := shown[d.reason]; !explained {
					t.Errorf("%s: %s: %s has no heading %q", f.tool, c.name, document, d.reason)
				}
				shown[d.reason] = true
				if c.original != nil && *d.result == *c.original {
					t.Errorf("%s: %s: does not differ", f.tool, c.name)
				}
			}
		}
	}
	for heading, ok := range shown {
		if !ok {
			t.Errorf("%s: no golden case shows %q", document, heading)
		}
	}
}

func (c *goldenCase) check(t *testing.T, path string, want *result) {
	t.Helper()
	c.skipUnlessPossible(t)
	if want == nil {
		t.Fatal("has not been recorded: make golden")
	}
	if got := c.play(t, path); *got != *want {
		t.Errorf("%s\nprints\n%s\nwant\n%s", strings.Join(c.script, "\n"), got, want)
	}
}

func (c *goldenCase) skipUnlessPossible(t *testing.T) {
	t.Helper()
	for _, need := range c.needs {
		switch need {
		case "forked": // see TestGolden
		case "root":
			if os.Getuid() != 0 {
				t.Skip("only root can play it")
			}
		default:
			t.Fatalf("unknown need %q", need)
		}
	}
}

// play runs the script in an empty directory of its own, with the tools that
// path finds, and ends all that it leaves behind.
func (c *goldenCase) play(t *testing.T, path string) *result {
	t.Helper()
	dir := reachableDir(t)
	work := dir + "/work"
	if err := os.Mkdir(work, 0o755); err != nil {
		t.Fatal(err)
	}
	defer killWithin(dir)
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	script := append(append([]string{"umask 022"}, c.prologue...), c.script...)
	cmd := exec.CommandContext(ctx, "/bin/sh", "-c", strings.Join(script, "\n"))
	cmd.Dir = work
	cmd.Env = []string{"PATH=" + path, "TZ=UTC", "LC_ALL=C", "SYN3_ROOT=" + dir}

	out, errs := createFile(t, dir+"/out"), createFile(t, dir+"/err")
	cmd.Stdout, cmd.Stderr = out, errs
	cmd.Run() // an exit code is no error here, and anything else shows below
	if ctx.Err() != nil {
		t.Errorf("does not end within %v", patience)
	}
	return &result{contents(t, out), contents(t, errs), exitCode(cmd.ProcessState)}
}

// createFile and contents stand in for pipes, which would be waited for as
// long as a daemon that the script has left behind holds them.
func createFile(t *testing.T, name string) *os.File {
	t.Helper()
	file, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { file.Close() })
	return file
}

func contents(t *testing.T, file *os.File) string {
	t.Helper()
	text, err := os.ReadFile(file.Name())
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// reachableDir returns a new directory that is reachable by everybody, unlike
// those of testing.T.
func reachableDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "golden")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	readableByAll(t, dir)
	return dir
}

func readableByAll(t *testing.T, dir string) {
	t.Helper()
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
}

// forkingBin returns a directory with an svscan that forks.
func forkingBin(t *testing.T) string {
	t.Helper()
	dir := reachableDir(t)
	script := "#!/bin/sh\nexec " + bin + "/svscan -p \"$@\"\n"
	if err := os.WriteFile(dir+"/svscan", []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	return dir
}

// killWithin kills every process whose working directory is dir or below it,
// until there is none.
func killWithin(dir string) {
	for found := true; found; {
		found = false
		links, _ := filepath.Glob("/proc/[0-9]*/cwd")
		for _, link := range links {
			cwd, _ := os.Readlink(link)
			pid, _ := strconv.Atoi(strings.Split(link, "/")[2])
			if strings.HasPrefix(cwd+"/", dir+"/") && alive(pid) {
				unix.Kill(pid, unix.SIGKILL)
				found = true
			}
		}
	}
}
