package syn3state

import (
	"bufio"
	"context"
	"io"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

var someChange = Change{"slapd", Caution, OK, "Started up"}

// A hookRun is a run of hooks, and what came of it.
type hookRun struct {
	Hooks
	output   *os.File // to be read
	warnings []string // with DIR for the directory
}

// newHooks makes a directory of hooks: names, each followed by a script.
func newHooks(t *testing.T, files ...string) *hookRun {
	t.Helper()
	read, write, err := os.Pipe()
	check(t, err)
	t.Cleanup(func() { read.Close(); write.Close() })
	h := &hookRun{output: read}
	h.Hooks = Hooks{Dir: t.TempDir(), Limit: time.Minute, Output: write, Warn: func(err error) {
		h.warnings = append(h.warnings, strings.ReplaceAll(err.Error(), h.Dir, "DIR"))
	}}
	for i := 0; i < len(files); i += 2 {
		check(t, os.WriteFile(h.Dir+"/"+files[i], []byte(files[i+1]), 0o755))
	}
	return h
}

// said returns all that the hooks print, when none of their processes is left.
func (h *hookRun) said(t *testing.T) string {
	t.Helper()
	h.Output.Close()
	said, err := io.ReadAll(h.output)
	check(t, err)
	return string(said)
}

const tell = "#!/bin/sh\necho \"${0##*/} $# [$1] [$2] [$3] [$4]\"\n"

func TestHooks(t *testing.T) {
	const told = " 4 [slapd] [CAUTION] [OK] [Started up]\n"
	tests := []struct {
		name     string
		files    []string
		said     string
		warnings []string
	}{
		{"none", nil, "", nil},
		{"in order", []string{"b", tell, "a.sh", tell, "10-x", tell}, "10-x" + told + "a.sh" + told + "b" + told, nil},
		{"left alone", []string{".hidden", tell, "a~", tell, "b", tell}, "b" + told, nil},
		{"no input", []string{"a", "#!/bin/sh\ncat; echo done\n"}, "done\n", nil},
		{"errors are shown", []string{"a", "#!/bin/sh\necho trouble >&2\n"}, "trouble\n", nil},
		{"one fails", []string{"a", "#!/bin/sh\nexit 7\n", "b", tell}, "b" + told, []string{"DIR/a: exit status 7"}},
		{"one is killed", []string{"a", "#!/bin/sh\nkill -9 $$\n", "b", tell}, "b" + told, []string{"DIR/a: signal: killed"}},
		{"one cannot be run", []string{"a", "#!/does/not/exist\n", "b", tell}, "b" + told,
			[]string{"unable to run DIR/a: file does not exist"}},
		{"one is no program", []string{"a", "echo no\n"}, "", []string{"unable to run DIR/a: exec format error"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			h := newHooks(t, test.files...)
			err := h.Run(t.Context(), someChange)
			if said := h.said(t); said != test.said || err != nil || !slices.Equal(h.warnings, test.warnings) {
				t.Errorf("Run says %q, warnings %q, %v, want %q, %q", said, h.warnings, err, test.said, test.warnings)
			}
		})
	}
}

// TestNoHooks has what is no hook lie among the hooks.
func TestNoHooks(t *testing.T) {
	h := newHooks(t, "README", "text\n", "linked", tell)
	check(t, os.Chmod(h.Dir+"/README", 0o644))
	check(t, os.Mkdir(h.Dir+"/dir", 0o755))
	check(t, os.Symlink("linked", h.Dir+"/link"))
	check(t, os.Symlink("nothing", h.Dir+"/dangling"))
	err := h.Run(t.Context(), someChange)
	const want = "link 4 [slapd] [CAUTION] [OK] [Started up]\nlinked 4 [slapd] [CAUTION] [OK] [Started up]\n"
	warnings := []string{"unable to stat DIR/dangling: file does not exist"}
	if said := h.said(t); said != want || err != nil || !slices.Equal(h.warnings, warnings) {
		t.Errorf("Run says %q, warnings %q, %v, want %q, %q", said, h.warnings, err, want, warnings)
	}
}

func TestHookDir(t *testing.T) {
	missing := Hooks{Dir: t.TempDir() + "/missing", Warn: never(t)}
	if err := missing.Run(t.Context(), someChange); err != nil {
		t.Errorf("Run = %v, want nil", err)
	}
	h := newHooks(t, "file", tell)
	h.Dir += "/file"
	err := h.Run(t.Context(), someChange)
	if want := []string{"unable to read DIR: not a directory"}; err != nil || !slices.Equal(h.warnings, want) {
		t.Errorf("Run = %v, warnings %q, want %q", err, h.warnings, want)
	}
}

const hanging = "#!/bin/sh\ntrap '' TERM\nsleep 100000 &\necho waiting\nwait\n"

// A hook that hangs is ended with its children.
func TestHookHangs(t *testing.T) {
	h := newHooks(t, "a", hanging)
	h.Limit = 300 * time.Millisecond
	err := h.Run(t.Context(), someChange)
	h.said(t)
	if want := []string{"DIR/a has been ended, as it took longer than 300ms"}; err != nil || !slices.Equal(h.warnings, want) {
		t.Errorf("Run = %v, warnings %q, want %q", err, h.warnings, want)
	}
}

// Whoever no longer wants to wait ends the hook that runs, and starts no
// other.
func TestHooksEnded(t *testing.T) {
	h := newHooks(t, "a", hanging, "b", tell)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() { ended <- h.Run(ctx, someChange) }()
	if line, err := bufio.NewReader(h.output).ReadString('\n'); line != "waiting\n" {
		t.Fatalf("the hook says %q, %v", line, err)
	}
	cancel()
	err := <-ended
	if want := "ended before " + h.Dir + "/a had run"; err == nil || err.Error() != want || h.warnings != nil {
		t.Errorf("Run = %v, warnings %q, want %s", err, h.warnings, want)
	}
	if said := h.said(t); said != "" {
		t.Errorf("the other hooks say %q", said)
	}
}

// A hook may leave something running: it is neither waited for nor ended.
func TestHookLeaves(t *testing.T) {
	h := newHooks(t, "a", "#!/bin/sh\n{ read line <\"$0.fifo\"; echo \"$line\"; } &\n")
	check(t, unix.Mkfifo(h.Dir+"/a.fifo", 0o600))
	err := h.Run(t.Context(), someChange)
	fifo, openErr := os.OpenFile(h.Dir+"/a.fifo", os.O_RDWR, 0)
	check(t, openErr)
	defer fifo.Close()
	fifo.WriteString("late\n")
	if said := h.said(t); said != "late\n" || err != nil || h.warnings != nil {
		t.Errorf("Run = %v, warnings %q, and what it has left says %q, want late", err, h.warnings, said)
	}
}
