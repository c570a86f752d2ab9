package protocol

import (
	"os"
	"path/filepath"
	"strings"
)

// StatePath returns the path of file, which is StateDir or below it, for the
// service directory dir: as a rule dir/supervise/status. Where service
// directories cannot be written, $SUPERVISEDIR says otherwise, to supervisors
// and to commands, as it does in daemontools-encore: a name is that of another
// directory than supervise; an absolute path is that of a directory in which
// each service has one, named like its own path with colons for slashes.
func StatePath(dir, file string) string {
	state := os.Getenv("SUPERVISEDIR")
	if state == "" || dir == "" {
		return join(dir, file)
	}
	below := strings.TrimPrefix(file, StateDir)
	if !filepath.IsAbs(state) {
		return join(dir, state+below)
	}
	return state + "/" + strings.ReplaceAll(physical(dir), "/", ":") + below
}

// physical returns the absolute path of dir without links in it, as far as
// that is known.
func physical(dir string) string {
	if real, err := filepath.EvalSymlinks(dir); err == nil {
		dir = real
	}
	if abs, err := filepath.Abs(dir); err == nil {
		return abs
	}
	return dir
}
