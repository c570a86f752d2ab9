package protocol

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// maxSeconds is 34 years, which a time.Duration holds.
const maxSeconds = 1 << 30

// ParseSeconds reads a number of seconds, which may have a fraction.
func ParseSeconds(text string) (time.Duration, error) {
	seconds, err := strconv.ParseFloat(text, 64)
	if err != nil || !(seconds >= 0 && seconds <= maxSeconds) {
		return 0, fmt.Errorf("not a number of seconds: %q", text)
	}
	return time.Duration(seconds * float64(time.Second)), nil
}

// ReadStartWatch returns what the file start-watch of dir says: for how long
// the service must have run to be taken for running properly. Without the file
// the error is fs.ErrNotExist, and StartWatch holds.
func ReadStartWatch(dir string) (time.Duration, error) {
	text, err := ReadSmall(join(dir, StartWatchFile))
	if err != nil {
		return 0, err
	}
	return ParseSeconds(strings.TrimSpace(string(text)))
}
