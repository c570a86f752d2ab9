package agent

import (
	"bytes"
	"context"
	"io"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sys/unix"
)

// followPause is the least time between two parts: lines that come fast come
// many at once.
const followPause = 100 * time.Millisecond

// A follower tells the lines that come into a log, also when current has become
// an old file and another one begins.
type follower struct {
	path   string // of current
	file   *os.File
	at     int64 // the offset of the next line
	wanted wanted
	tell   func(LogPart) error
}

// follow goes on until ctx is done or tell fails. It looks again when inotify says
// so, or, where there are no more ears, every now and then.
func (f *follower) follow(ctx context.Context, ears chan struct{}) error {
	again := func() { pause(ctx, lookAgain) }
	select {
	case ears <- struct{}{}:
		defer func() { <-ears }()
		if inotify := f.listen(); inotify != nil {
			defer inotify.Close()
			defer context.AfterFunc(ctx, func() { inotify.Close() })()
			again = func() { await(ctx, inotify) }
		}
	default:
	}
	for ctx.Err() == nil {
		if err := f.catchUp(); err != nil {
			return err
		}
		again()
	}
	return ctx.Err()
}

// listen returns an inotify for the directory of the log, nil where it cannot be
// had.
func (f *follower) listen() *os.File {
	fd, err := unix.InotifyInit1(unix.IN_CLOEXEC | unix.IN_NONBLOCK)
	if err != nil {
		return nil
	}
	const mask = unix.IN_MODIFY | unix.IN_CREATE | unix.IN_MOVED_TO | unix.IN_ONLYDIR
	if _, err := unix.InotifyAddWatch(fd, filepath.Dir(f.path), mask); err != nil {
		unix.Close(fd)
		return nil
	}
	return os.NewFile(uintptr(fd), "inotify")
}

// await returns when something has happened, and a moment more has passed.
func await(ctx context.Context, inotify *os.File) {
	var events [4096]byte
	inotify.Read(events[:])
	pause(ctx, followPause)
}

func pause(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}

// catchUp tells what has been written since.
func (f *follower) catchUp() error {
	if err := f.tellNew(false); err != nil {
		return err
	}
	fresh, info, err := openRegular(f.path, unix.O_NOFOLLOW)
	if err != nil {
		return nil // between two files
	}
	old, err := f.file.Stat()
	if err == nil && os.SameFile(old, info) {
		fresh.Close()
		return nil
	}
	if err := f.tellNew(false); err != nil { // written before it was replaced
		fresh.Close()
		return err
	}
	f.file.Close()
	f.file, f.at = fresh, 0
	return f.tellNew(true)
}

// tellNew tells the whole lines behind at.
func (f *follower) tellNew(rotated bool) error {
	size, err := f.file.Seek(0, io.SeekEnd)
	if err != nil || size <= f.at && !rotated {
		return nil
	}
	part := LogPart{Rotated: rotated}
	if size-f.at > maxFollow {
		f.at, part.Skipped = size-maxFollow, true
	}
	text := make([]byte, max(size-f.at, 0))
	n, _ := f.file.ReadAt(text, f.at)
	text = text[:bytes.LastIndexByte(text[:n], '\n')+1]
	f.at += int64(len(text))
	part.Lines = wantedLines(text, f.wanted)
	if len(part.Lines) == 0 && !rotated {
		return nil
	}
	return f.tell(part)
}

func wantedLines(text []byte, w wanted) (lines []LogLine) {
	for line := range bytes.Lines(text) {
		if line = bytes.TrimSuffix(line, []byte{'\n'}); w.is(line) {
			lines = append(lines, newLogLine(line))
		}
	}
	return lines[max(0, len(lines)-MaxLogLines):]
}
