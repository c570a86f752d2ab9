package agent

import (
	"context"
	"io"
	"os"
	"path/filepath"

	"syn3d/applets/service"
	"syn3d/protocol"

	"golang.org/x/sys/unix"
)

const (
	// currentFile is the log file that is being written.
	currentFile = "current"

	// maxLine is how much of a line is shown, in bytes.
	maxLine = 4096

	// maxSearch is how much of a file one search goes through, in bytes.
	maxSearch = 64 << 20

	// maxFollow is how much one part has of what was written meanwhile: of
	// more, the end.
	maxFollow = 256 << 10
)

// logDir returns the directory in which the log files of a service are, "" if
// there is none.
func logDir(dir string) string {
	current := service.CurrentLog(dir)
	if current == "" {
		return ""
	}
	return filepath.Dir(current)
}

// isLogFile tells log files from what else a logger keeps: old ones are named by
// a label.
func isLogFile(name string) bool {
	if name == currentFile {
		return true
	}
	if len(name) < protocol.LabelTextSize {
		return false
	}
	_, ok := protocol.ParseLabel([]byte(name[:protocol.LabelTextSize]))
	return ok
}

// readLog tells what a query asks for.
func readLog(ctx context.Context, dir string, q LogQuery, tell func(LogPart) error) error {
	q.Lines = min(max(q.Lines, 1), MaxLogLines)
	file, err := openLog(dir, q.File)
	if err != nil {
		return err
	}
	f := follower{path: file.Name(), file: file, wanted: newWanted(q), tell: tell}
	defer func() { f.file.Close() }()
	if f.at, err = endOf(file, q); err != nil {
		return err
	}
	err = tell(backwards(file, f.at, q))
	if err != nil || !q.Follow || filepath.Base(f.path) != currentFile {
		return err
	}
	return f.follow(ctx)
}

// openLog opens a log file of a service. Its name is looked up, and so is what
// it is: whoever can write to the directory must not have others' files shown.
func openLog(dir, name string) (*os.File, error) {
	if name == "" {
		name = currentFile
	}
	for _, known := range logFiles(dir) {
		if known.Name == name {
			file, _, err := openRegular(logDir(dir)+"/"+known.Name, unix.O_NOFOLLOW)
			if err != nil {
				return nil, ErrNoFile
			}
			return file, nil
		}
	}
	return nil, ErrNoFile
}

// endOf returns the offset at which to begin to read backwards. What follows has
// to begin with a line.
func endOf(file *os.File, q LogQuery) (int64, error) {
	size, err := file.Seek(0, io.SeekEnd)
	if err != nil {
		return 0, &protocol.Error{What: "unable to read the log", Err: err}
	}
	if q.Before > 0 && q.Before < size {
		return q.Before, nil
	}
	if q.Follow {
		return afterLastNewline(file, size), nil
	}
	return size, nil
}

// afterLastNewline returns the offset behind the last whole line, as far as one
// can be found in a moment.
func afterLastNewline(file io.ReaderAt, size int64) int64 {
	chunk := make([]byte, min(size, chunkSize))
	n, _ := file.ReadAt(chunk, size-int64(len(chunk)))
	for i := n - 1; i >= 0; i-- {
		if chunk[i] == '\n' {
			return size - int64(len(chunk)) + int64(i) + 1
		}
	}
	return size
}
