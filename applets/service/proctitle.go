package service

import (
	"bytes"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// readProcTitle returns the last argument of the readproctitle that shows what
// the service in dir says, and who that is. Both are empty if there is none
// among all processes.
func readProcTitle(dir string, all map[int]process) (reader, title string) {
	for _, p := range all {
		if p.Name == "readproctitle" && readsFor(p, dir, all) {
			line, _ := os.ReadFile(procFile(p.Pid, "cmdline"))
			line = bytes.TrimRight(line, "\x00")
			title := line[bytes.LastIndexByte(line, 0)+1:]
			return "readproctitle, process " + strconv.Itoa(p.Pid) + ", which hears all services without a log", string(title)
		}
	}
	return "", ""
}

// readsFor reports whether the svscan beside a readproctitle, or above it, is
// the one of the scan directory in which the service is.
func readsFor(reader process, dir string, all map[int]process) bool {
	scan := openDirectory(filepath.Dir(openDirectory(dir).abs))
	for _, p := range all {
		if p.Name == "svscan" && (p.Parent == reader.Parent || p.Pid == reader.Parent) && scan.is(procFile(p.Pid, "cwd")) {
			return true
		}
	}
	return false
}

// titleDots is how many dots at the beginning of a title stay there.
const titleDots = 3

// scrolledIn returns what has come into a title since it was before: it comes
// in at the right, and what was there moves to the left.
func scrolledIn(before, title string) string {
	if len(before) != len(title) || len(title) < titleDots {
		return title
	}
	before, title = before[titleDots:], title[titleDots:]
	for shift := range len(title) {
		if strings.HasPrefix(title, before[shift:]) {
			return title[len(title)-shift:]
		}
	}
	return title
}
