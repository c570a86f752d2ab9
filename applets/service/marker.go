package service

import (
	"bytes"
	"os"
	"path/filepath"

	"syn3d/protocol"
)

// A directory is a service directory that others may know by other names.
type directory struct {
	abs  string
	info os.FileInfo // nil if it cannot be looked at
}

func openDirectory(dir string) directory {
	abs, err := filepath.Abs(dir)
	if err != nil {
		abs = dir
	}
	info, _ := os.Stat(dir)
	return directory{abs, info}
}

// paths returns the absolute paths of the directory: with links in it, and
// without.
func (d directory) paths() []string {
	real, err := filepath.EvalSymlinks(d.abs)
	if err != nil {
		return []string{d.abs}
	}
	return []string{d.abs, real}
}

// is reports whether path names this directory, be it through links.
func (d directory) is(path string) bool {
	if path == "" {
		return false
	}
	if path == d.abs {
		return true
	}
	info, err := os.Stat(path)
	return err == nil && d.info != nil && os.SameFile(info, d.info)
}

// A marker is what the environment of a process says of where it belongs.
type marker struct {
	dir    string      // of the service, "" if none
	info   os.FileInfo // of dir, nil if it cannot be looked at
	reason string      // of the control script, "" if none
}

// is reports whether m names the directory d, be it through links.
func (m marker) is(d directory) bool {
	return m.dir != "" && (m.dir == d.abs || m.info != nil && d.info != nil && os.SameFile(m.info, d.info))
}

// readMarker returns the marker of a process: none if its environment cannot
// be read.
func readMarker(pid int) (m marker) {
	environ, _ := os.ReadFile(procFile(pid, "environ"))
	for entry := range bytes.SplitSeq(environ, []byte{0}) {
		name, value, _ := bytes.Cut(entry, []byte{'='})
		switch string(name) {
		case protocol.MarkerVariable:
			m.dir = string(value)
		case protocol.ReasonVariable:
			m.reason = string(value)
		}
	}
	if m.dir != "" {
		m.info, _ = os.Stat(m.dir)
	}
	return m
}
