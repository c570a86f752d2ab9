package agent

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"slices"

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

	// maxPart is of how much text a part is, in bytes, or a line more: many may
	// be on their way to slow readers.
	maxPart = 1 << 20

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

// A logReader reads logs, several at a time.
type logReader struct {
	reading chan struct{} // those who go through files, which keeps a processor busy
	ears    chan struct{} // the followers that have inotify
}

// maxEars leaves instances of inotify to others. A user may have 128 of them, and
// it is the one of svscan.
const maxEars = 16

func newLogReader() logReader {
	return logReader{reading: make(chan struct{}, 4), ears: make(chan struct{}, maxEars)}
}

// read tells what a query asks for.
func (l logReader) read(ctx context.Context, dir string, q LogQuery, tell func(LogPart) error) error {
	q.Lines = min(max(q.Lines, 1), MaxLogLines)
	logs, files := logDir(dir), logFiles(dir)
	at := indexOf(files, q.File)
	if at < 0 {
		return ErrNoFile
	}
	file, err := openLog(logs, files[at])
	if err != nil {
		return ErrNoFile
	}
	f := follower{path: file.Name(), file: file, wanted: newWanted(q), tell: tell}
	defer func() { f.file.Close() }()
	if f.at, err = endOf(file, q); err != nil {
		return err
	}
	part, err := l.backwards(ctx, logs, files[at:], file, f.at, q)
	if err == nil {
		err = tell(part)
	}
	if err != nil || !q.Follow || files[at].Name != currentFile {
		return err
	}
	return f.follow(ctx, l.ears)
}

// backwards returns the lines before the offset at in file, the first of files,
// and in older ones, when it is our turn.
func (l logReader) backwards(ctx context.Context, dir string, files []LogFile, file *os.File, at int64, q LogQuery) (LogPart, error) {
	select {
	case l.reading <- struct{}{}:
	case <-ctx.Done():
		return LogPart{}, ctx.Err()
	}
	defer func() { <-l.reading }()
	part := backwards(file, at, q)
	part.goOn(dir, files, q)
	return part.LogPart, nil
}

// indexOf returns the index of the file that a query names, -1 if there is none.
// The name is looked up, for it may be anything.
func indexOf(files []LogFile, name string) int {
	if name == "" && len(files) > 0 {
		return 0
	}
	return slices.IndexFunc(files, func(f LogFile) bool { return f.Name == name })
}

// openLog opens a log file. Whoever can write to the directory must not have
// others' files shown.
func openLog(logs string, file LogFile) (*os.File, error) {
	opened, _, err := openRegular(logs+"/"+file.Name, unix.O_NOFOLLOW)
	return opened, err
}

// goOn goes on in older files, if the query is for all and there is not enough
// yet, and says how to go on from there. The first of files is the one that the
// part is of.
func (p *part) goOn(logs string, files []LogFile, q LogQuery) {
	for ; p.before == 0 && len(files) > 1; files = files[1:] {
		if q.File != "" || len(p.Lines) >= q.Lines || p.size >= maxPart || p.read >= maxSearch {
			p.Next = &LogQuery{File: files[1].Name, Lines: q.Lines, Search: q.Search}
			return
		}
		file, err := openLog(logs, files[1])
		if err != nil {
			continue // it has been removed meanwhile
		}
		rest := q
		rest.Lines -= len(p.Lines)
		older := backwards(file, files[1].Size, rest)
		file.Close()
		p.Lines, p.before = append(older.Lines, p.Lines...), older.before
		p.read, p.size = p.read+older.read, p.size+older.size
	}
	if p.before > 0 {
		p.Next = &LogQuery{File: files[0].Name, Before: p.before, Lines: q.Lines, Search: q.Search}
	}
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
