package service

import (
	"context"
	"errors"
	"io"
	"io/fs"
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
	// Processes are those of a moment ago: to look at all of them for each of
	// many services takes long. If it is nil, each looks for itself.
	Processes *Processes
	// Script is told that a control script begins to run, and returns where
	// its output goes, as it comes. It is closed when the script has ended.
	Script func(path string) io.WriteCloser
}

// watchFor returns for how long the service in dir is to be watched.
func (o Options) watchFor(dir string) (time.Duration, error) {
	if o.Watch >= 0 {
		return o.Watch, nil
	}
	watch, err := protocol.ReadStartWatch(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return min(protocol.StartWatch, o.Limit), nil
	}
	if err != nil {
		return 0, &protocol.Error{What: "unable to read " + Show(dir+"/"+protocol.StartWatchFile), Err: err}
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
