package service

import (
	"path/filepath"
	"slices"

	"syn3d/protocol"
)

// Before returns the services that are to be started before those in dirs, as
// their files after say, in an order in which that can be done, and those of
// dirs that are not among them. What leads back to itself is cut off there.
func Before(dirs []string) (before, rest []string) {
	for _, dir := range dirs {
		if abs, err := filepath.Abs(dir); err == nil {
			before = appendAfter(before, abs, []string{abs})
		}
	}
	for _, dir := range dirs {
		if abs, err := filepath.Abs(dir); err != nil || !slices.Contains(before, abs) {
			rest = append(rest, dir)
		}
	}
	return before, rest
}

// appendAfter appends what dir is to be started after, but for what is there
// already, or on the way that has led to dir.
func appendAfter(found []string, dir string, way []string) []string {
	for _, name := range protocol.After(dir) {
		first := filepath.Join(filepath.Dir(dir), name)
		if slices.Contains(found, first) || slices.Contains(way, first) {
			continue
		}
		found = appendAfter(found, first, append(way, first))
		found = append(found, first)
	}
	return found
}
