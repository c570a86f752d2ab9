package service

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"
	"time"

	"syn3d/protocol"
)

// closing is a buffer that can be closed.
type closing struct{ bytes.Buffer }

func (c *closing) Close() error { return nil }

// newScript makes a service directory with a start script.
func newScript(t *testing.T, text string) (*script, *closing) {
	t.Helper()
	dir := t.TempDir()
	write(t, dir+"/start", text, 0o755)
	output := &closing{}
	return &script{
		dir: dir, name: "start", reason: "svcstart",
		output: func(string) io.WriteCloser { return output },
	}, output
}

func TestRunScript(t *testing.T) {
	t.Setenv("SVC_DIR", "/another") // as in a service that starts services
	t.Setenv("SVC_REASON", "crash")
	tests := []struct {
		what, text string
		output     string // with DIR for the service directory
		exit       protocol.ExitStatus
	}{
		{"success", "#!/bin/sh\n", "", protocol.ExitStatus{}},
		{"failure", "#!/bin/sh\nexit 3\n", "", protocol.ExitStatus{Code: 3}},
		{"killed", "#!/bin/sh\nkill -9 $$\n", "", protocol.ExitStatus{Signal: 9}},
		{"output", "#!/bin/sh\necho a\necho b >&2\nprintf c\n", "a\nb\nc", protocol.ExitStatus{}},
		{"surroundings", "#!/bin/sh\npwd\necho $0 $SVC_REASON $SVC_DIR\n", "DIR\n./start svcstart DIR\n", protocol.ExitStatus{}},
		{"empty input", "#!/bin/sh\ncat\nread x || echo none\n", "none\n", protocol.ExitStatus{}},
		{"descriptors closed", "#!/bin/sh\nexec >&- 2>&- <&-\nexit 2\n", "", protocol.ExitStatus{Code: 2}},
		{"one that lingers", "#!/bin/sh\nsleep 1000 & echo $! >pid; echo left\n", "left\n", protocol.ExitStatus{}},
		{"much", "#!/bin/sh\nhead -c 200000 /dev/zero | tr '\\0' x\n", strings.Repeat("x", 200000), protocol.ExitStatus{}},
	}
	for _, test := range tests {
		t.Run(test.what, func(t *testing.T) {
			s, output := newScript(t, test.text)
			exit, err := s.run(t.Context())
			if want := strings.ReplaceAll(test.output, "DIR", s.dir); err != nil || exit != test.exit || output.String() != want {
				t.Errorf("run() = %v, %v, and prints %.100q, want %v, and %.100q", exit, err, output, test.exit, want)
			}
			endPid(s.dir + "/pid")
		})
	}
}

// endPid ends the process whose pid a file holds, if there is one.
func endPid(file string) {
	var pid int
	text, err := os.ReadFile(file)
	if err != nil {
		return
	}
	fmt.Sscan(string(text), &pid)
	if p, err := os.FindProcess(pid); err == nil {
		p.Kill()
	}
}

func TestEndScript(t *testing.T) {
	tests := []struct{ what, text string }{
		{"willing", "#!/bin/sh\necho $$ >pid; echo >ready\nwhile :; do sleep 1000; done\n"},
		{"with a child that is not", "#!/bin/sh\n(trap '' TERM; sleep 1000) & echo $! >pid; echo >ready\nwait\n"},
		{"stopped", "#!/bin/sh\necho $$ >pid; echo >ready\nkill -STOP $$\n"},
	}
	for _, test := range tests {
		t.Run(test.what, func(t *testing.T) {
			s, _ := newScript(t, test.text)
			ctx, cancel := context.WithCancel(t.Context())
			go func() {
				for {
					if _, err := os.Stat(s.dir + "/ready"); err == nil {
						break
					}
					time.Sleep(endInterval)
				}
				cancel()
			}()
			if _, err := s.run(ctx); !errors.Is(err, context.Canceled) {
				t.Errorf("run() = %v, want %v", err, context.Canceled)
			}
			var pid int
			text, err := os.ReadFile(s.dir + "/pid")
			check(t, err)
			fmt.Sscan(string(text), &pid)
			if p, ok := readProcess(pid); ok && !p.await(time.Now().Add(20*time.Second)) {
				t.Errorf("process %d outlives run()", pid)
			}
		})
	}
}

func TestFindScript(t *testing.T) {
	tests := []struct {
		what  string
		make  func(t *testing.T, file string)
		found bool
		why   string
	}{
		{"none", func(*testing.T, string) {}, false, ""},
		{"one", func(t *testing.T, file string) { write(t, file, "#!/bin/sh\n", 0o755) }, true, ""},
		{"not executable", func(t *testing.T, file string) { write(t, file, "#!/bin/sh\n", 0o644) }, true, "it is not executable"},
		{"a directory", func(t *testing.T, file string) { check(t, os.Mkdir(file, 0o755)) }, true, "it is a directory"},
		{"a dangling link", func(t *testing.T, file string) { check(t, os.Symlink("nowhere", file)) }, true, "it is a link to nowhere, which does not exist"},
	}
	for _, test := range tests {
		s := script{dir: t.TempDir(), name: "start"}
		test.make(t, s.path())
		got := ""
		found, err := s.find()
		if err != nil {
			got = err.Error()
		}
		if found != test.found || !strings.HasSuffix(got, test.why) || (got == "") != (test.why == "") {
			t.Errorf("%s: find() = %t, %q, want %t, %q", test.what, found, got, test.found, test.why)
		}
	}
}
