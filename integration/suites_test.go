package integration

import (
	"os"
	"os/exec"
	"testing"
)

// A suite is one implementation of the tools, by the PATH that finds it.
type suite struct {
	name string
	path string
}

func our() suite           { return suite{"our", bin + ":" + originalPath} }
func theOriginals() suite  { return suite{"the original's", originalPath} }
func (s suite) ours() bool { return s == our() }

// require skips the test if the suite is not installed.
func (s suite) require(t *testing.T) {
	t.Helper()
	if !s.ours() {
		original(t, "supervise")
	}
}

// installedSuites returns the suites that there are.
func installedSuites() []suite {
	if _, err := os.Stat("/usr/bin/supervise"); err != nil {
		return []suite{our()}
	}
	return []suite{our(), theOriginals()}
}

// tool returns the path of a tool of the suite.
func (s suite) tool(name string) string {
	if s.ours() {
		return bin + "/" + name
	}
	return "/usr/bin/" + name
}

// command returns a command of the suite. What it runs in turn is found there,
// too.
func (s suite) command(name string, args ...string) *exec.Cmd {
	cmd := exec.Command(s.tool(name), args...)
	cmd.Env = append(os.Environ(), "PATH="+s.path)
	return cmd
}

// A supervisor is a way to have services supervised.
type supervisor struct {
	name   string
	suite  suite    // of svscan, else of supervise
	svscan []string // its options; nil means one supervise each
	child  suite    // of the supervise that svscan starts
}

// supervisors returns every way, and every mixture.
func supervisors() []supervisor {
	hosted, forked := []string{}, []string{"-p"}
	return []supervisor{
		{"our supervise", our(), nil, our()},
		{"our svscan", our(), hosted, our()},
		{"our svscan -p", our(), forked, our()},
		{"our svscan -p, the original's supervise", our(), forked, theOriginals()},
		{"the original's supervise", theOriginals(), nil, theOriginals()},
		{"the original's svscan", theOriginals(), hosted, theOriginals()},
		{"the original's svscan, our supervise", theOriginals(), hosted, our()},
	}
}

// start has all services in dir/services supervised, until the test ends.
func (s supervisor) start(t *testing.T, dir string) {
	t.Helper()
	t.Cleanup(func() { killWithin(dir) })
	names := entries(t, dir+"/services")
	if s.svscan == nil {
		for _, name := range names {
			launch(t, dir+"/services", s.suite.command("supervise", name))
		}
		return
	}
	mustSucceed(t, os.Mkdir(dir+"/scan", 0o755))
	for _, name := range names {
		mustSucceed(t, os.Symlink("../services/"+name, dir+"/scan/"+name))
	}
	// Only supervise must be found before what else is in PATH.
	path := t.TempDir()
	mustSucceed(t, os.Symlink(s.child.tool("supervise"), path+"/supervise"))
	cmd := s.suite.command("svscan", append(s.svscan, dir+"/scan")...)
	cmd.Env = append(cmd.Env, "PATH="+path+":"+originalPath)
	launch(t, dir, cmd)
}

func (s supervisor) require(t *testing.T) {
	t.Helper()
	s.suite.require(t)
	s.child.require(t)
}

// abandon takes all services off the scan directory, so that a supervise
// that ends is not started anew.
func (s supervisor) abandon(t *testing.T, dir string) {
	t.Helper()
	if s.svscan == nil {
		return
	}
	for _, name := range entries(t, dir+"/scan") {
		mustSucceed(t, os.Remove(dir+"/scan/"+name))
	}
}

func entries(t *testing.T, dir string) (names []string) {
	t.Helper()
	list, err := os.ReadDir(dir)
	mustSucceed(t, err)
	for _, entry := range list {
		names = append(names, entry.Name())
	}
	return names
}

// launch starts a command in dir, and kills it when the test ends.
func launch(t *testing.T, dir string, cmd *exec.Cmd) {
	t.Helper()
	cmd.Dir = dir
	mustSucceed(t, cmd.Start())
	t.Cleanup(func() { cmd.Process.Kill(); cmd.Wait() })
}

func mustSucceed(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
