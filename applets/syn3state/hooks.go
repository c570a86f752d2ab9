package syn3state

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"strings"
	"time"

	"syn3d/protocol"

	"golang.org/x/sys/unix"
)

// HookDir is where the hooks are.
const HookDir = "/etc/syn3/monitor.d"

// HookLimit is how long a hook may run.
const HookLimit = 10 * time.Second

// Hooks are the programs of a directory that want to know of changes. They run
// one after the other, in the order of their names.
type Hooks struct {
	Dir    string        // need not exist
	Limit  time.Duration // for each
	Output *os.File      // gets what they print
	Warn   func(error)   // is told of those that fail
}

// Run hands a change to all hooks, and returns an error only if ctx ends
// before they have. What a hook leaves running is left alone, unless it has
// to be ended itself.
func (h Hooks) Run(ctx context.Context, c Change) error {
	for _, path := range h.paths() {
		if err := h.run(ctx, path, c); err != nil && ctx.Err() == nil {
			h.Warn(err)
		}
		if ctx.Err() != nil {
			return fmt.Errorf("ended before %s had run", path)
		}
	}
	return nil
}

// paths returns the hooks.
func (h Hooks) paths() (paths []string) {
	entries, err := os.ReadDir(h.Dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		h.Warn(&protocol.Error{What: "unable to read " + h.Dir, Err: err})
	}
	for _, entry := range entries {
		path := h.Dir + "/" + entry.Name()
		hook, err := isHook(path)
		if err != nil {
			h.Warn(&protocol.Error{What: "unable to stat " + path, Err: err})
		}
		if hook {
			paths = append(paths, path)
		}
	}
	return paths
}

// isHook tells a program from what else lies in such a directory: a README,
// what is disabled by its mode, and what editors leave behind.
func isHook(path string) (bool, error) {
	name := path[strings.LastIndexByte(path, '/')+1:]
	if strings.HasPrefix(name, ".") || strings.HasSuffix(name, "~") {
		return false, nil
	}
	info, err := os.Stat(path)
	if err != nil {
		return false, err
	}
	return info.Mode().IsRegular() && info.Mode()&0o111 != 0, nil
}

// run runs a hook in a process group of its own, so that all of it can be
// ended.
func (h Hooks) run(ctx context.Context, path string, c Change) error {
	limited, cancel := context.WithTimeout(ctx, h.Limit)
	defer cancel()
	cmd := exec.CommandContext(limited, path, c.Name, c.Old.String(), c.New.String(), c.Message)
	cmd.Stdout, cmd.Stderr = h.Output, h.Output
	cmd.SysProcAttr = &unix.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return unix.Kill(-cmd.Process.Pid, unix.SIGKILL) }
	err := cmd.Run()
	var exit *exec.ExitError
	switch {
	case err == nil:
		return nil
	case limited.Err() != nil:
		return fmt.Errorf("%s has been ended, as it took longer than %v", path, h.Limit)
	case errors.As(err, &exit):
		return fmt.Errorf("%s: %w", path, err)
	}
	return &protocol.Error{What: "unable to run " + path, Err: err}
}
