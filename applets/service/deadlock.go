package service

import (
	"os"
	"slices"

	"syn3d/protocol"
)

// A start script may start other services, and so wait for their start scripts,
// whoever runs them. If one of those starts the first service again, each waits
// for the other and none ever ends. So whoever is to wait looks first whether
// it is waited for itself:
//
//	x/start ── runs ──► svcstart y ── has open ──► y/supervise/start,
//	                                               locked for y/start
//	y/start ── runs ──► svcstart x: would wait for x/supervise/start,
//	                                which is locked for x/start
//
// Who runs a control script of a service is known by the marker, and whose
// locks a process holds or waits for by its open files.

// CheckCaller returns an error if a start of the service in dir would wait for
// a start script that waits for this process.
func CheckCaller(dir string) error {
	callers := scriptsAround()
	if len(callers) == 0 || !protocol.StartClaimed(dir) || !waitsForAny(dir, callers) {
		return nil
	}
	return failure("%s: its start script waits for this very command, and is to use svc -u", Show(dir))
}

// scriptsAround returns the service directories whose control scripts this
// process is run by.
func scriptsAround() (dirs []string) {
	for _, pid := range ancestors() {
		if m := readMarker(pid); m.reason != "" {
			dirs = append(dirs, m.dir)
		}
	}
	return dirs
}

// waitsForAny reports whether the start of the service in dir waits for one of
// callers, be it through others.
func waitsForAny(dir string, callers []string) bool {
	var wanted []os.FileInfo
	for _, caller := range callers {
		if lock, err := os.Stat(startLock(caller)); err == nil {
			wanted = append(wanted, lock)
		}
	}
	opened := openedByScripts()
	first, err := os.Stat(startLock(dir))
	if err != nil {
		return false
	}
	for found := []os.FileInfo{first}; len(found) > 0; found = found[1:] {
		if containsFile(wanted, found[0]) {
			return true
		}
		// Each is followed once: it is forgotten then.
		opened = slices.DeleteFunc(opened, func(o openedFile) bool {
			if os.SameFile(o.lock, found[0]) {
				found = append(found, o.file)
				return true
			}
			return false
		})
	}
	return false
}

func startLock(dir string) string { return protocol.StatePath(dir, protocol.StartLockFile) }

func containsFile(files []os.FileInfo, file os.FileInfo) bool {
	return slices.ContainsFunc(files, func(f os.FileInfo) bool { return os.SameFile(f, file) })
}

// An openedFile is a file that a process has open which a control script runs.
type openedFile struct {
	lock os.FileInfo // of the service with that script
	file os.FileInfo
}

// openedByScripts returns what all control scripts have open, but for their own
// locks.
func openedByScripts() (opened []openedFile) {
	for _, pid := range pids() {
		m := readMarker(pid)
		if m.reason == "" {
			continue
		}
		lock, err := os.Stat(startLock(m.dir))
		if err != nil {
			continue
		}
		descriptors, _ := os.ReadDir(procFile(pid, "fd"))
		for _, d := range descriptors {
			file, err := os.Stat(procFile(pid, "fd/"+d.Name()))
			if err == nil && file.Mode().IsRegular() && !os.SameFile(file, lock) {
				opened = append(opened, openedFile{lock, file})
			}
		}
	}
	return opened
}
