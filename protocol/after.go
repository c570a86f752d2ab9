package protocol

import (
	"path"
	"strings"
	"time"
)

// After returns the names in the file after of dir: services of the same scan
// directory, one a line, that are to be verified before this one is started at
// boot. What cannot be the name of one is left out.
func After(dir string) (names []string) {
	text, _ := ReadSmall(join(dir, AfterFile))
	for line := range strings.Lines(string(text)) {
		name := strings.TrimSpace(line)
		if name != "" && name[0] != '.' && !strings.Contains(name, "/") {
			names = append(names, name)
		}
	}
	return names
}

// LeadsTo reports whether the service name, in the scan directory scan, is to
// be started after the service to, be it by way of others.
func LeadsTo(scan, name, to string) bool {
	seen := map[string]bool{}
	for next := []string{name}; len(next) > 0; {
		name, next = next[0], next[1:]
		if name == to {
			return true
		}
		if !seen[name] {
			seen[name] = true
			next = append(next, After(scan+"/"+name)...)
		}
	}
	return false
}

// Outcome is what came of the start of a service, for those after it.
type Outcome int

const (
	Pending  Outcome = iota // nothing yet
	Verified                // it works
	Failed                  // it does not, or it was taken down
	Unwanted                // it is normally down, or not there
)

// StartOutcome returns the outcome for the service in dir.
func StartOutcome(dir string, now time.Time) Outcome {
	if CheckDir(dir) != nil {
		return Unwanted
	}
	status, err := ReadStatus(dir)
	if err != nil || Supervised(dir) != nil {
		return Pending
	}
	if !status.Up() {
		return outcomeOfDown(dir, status)
	}
	if verdict, err := ReadVerdict(dir); err == nil && verdict.Of(status) {
		if verdict.OK {
			return Verified
		}
		return Failed
	}
	if checkExecutable(path.Join(dir, StartScript)) == 0 {
		return Pending // the script will tell
	}
	watch, err := ReadStartWatch(dir)
	if err != nil {
		watch = StartWatch
	}
	if now.Sub(status.Since.Time()) >= watch {
		return Verified
	}
	return Pending
}

func outcomeOfDown(dir string, status Status) Outcome {
	if status.Want == WantUp {
		return Pending
	}
	if down, _ := NormallyDown(dir); down {
		return Unwanted
	}
	return Failed
}
