package service

import (
	"context"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"time"

	"syn3d/protocol"
)

// Options are how to start and stop services.
type Options struct {
	// Limit is how long a service may take to come up, and to go down.
	Limit time.Duration
	// Bound says that Limit holds for control scripts, too; they have none
	// of their own accord.
	Bound bool
	// Watch is for how long a service without a start script has to stay up;
	// if it is negative, the service or protocol.StartWatch says.
	Watch time.Duration
	// Once has the service started without being kept up.
	Once bool
	// Pause has the service paused when it works.
	Pause bool
	// Kill has what does not end in time killed, and what is left behind.
	Kill bool
	// Script is told that a control script begins to run, and returns where
	// its output goes, as it comes. It is closed when the script has ended.
	Script func(path string) io.WriteCloser
}

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

// watchFor returns for how long the service in dir is to be watched.
func (o Options) watchFor(dir string) (time.Duration, error) {
	if o.Watch >= 0 {
		return o.Watch, nil
	}
	file := dir + "/" + protocol.StartWatchFile
	text, err := os.ReadFile(file)
	if os.IsNotExist(err) {
		return min(protocol.StartWatch, o.Limit), nil
	}
	if err != nil {
		return 0, &protocol.Error{What: "unable to read " + Show(file), Err: err}
	}
	watch, err := ParseSeconds(strings.TrimSpace(string(text)))
	if err != nil {
		return 0, fmt.Errorf("%s: %w", Show(file), err)
	}
	return watch, nil
}

// bounded limits ctx for what has no limit of its own accord.
func (o Options) bounded(ctx context.Context) (context.Context, context.CancelFunc) {
	if o.Bound {
		return context.WithTimeout(ctx, o.Limit)
	}
	return context.WithCancel(ctx)
}
