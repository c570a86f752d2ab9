package syn3state

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"syn3d/protocol"

	"golang.org/x/sys/unix"
)

// StateDir is where the records are.
const StateDir = protocol.MonitorDir

// The files of the store itself.
const (
	lockFile  = ".lock"
	freshFile = ".new"
)

// A Store keeps records in a directory, which need not exist yet. Any number
// of processes may use it at once.
type Store struct {
	Dir string
}

// System returns the store of this system, or of what is below $SYN3_ROOT.
func System() Store { return Store{Dir: os.Getenv("SYN3_ROOT") + StateDir} }

// A Change is a report. It changes nothing if Old and New are the same.
type Change struct {
	Name     string
	Old, New State
	Message  string
}

// Get returns the record of a service. If nothing has been reported of it, or,
// which is an error, its record cannot be read, its state is Unknown.
func (s Store) Get(name string) (Record, error) {
	unknown := Record{Name: name, State: Unknown}
	if err := CheckName(name); err != nil {
		return unknown, err
	}
	text, err := read(s.path(name))
	if errors.Is(err, fs.ErrNotExist) {
		return unknown, nil
	}
	if err == nil {
		var record Record
		if record, err = decode(name, text); err == nil {
			return record, nil
		}
	}
	return unknown, &protocol.Error{What: "unable to read " + s.path(name), Err: err}
}

// List returns all records, the worst states first, then by name. It warns of
// files that are none.
func (s Store) List(warn func(error)) ([]Record, error) {
	entries, err := os.ReadDir(s.Dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, &protocol.Error{What: "unable to read " + s.Dir, Err: err}
	}
	var records []Record
	for _, entry := range entries {
		if strings.HasPrefix(entry.Name(), ".") {
			continue
		}
		record, err := s.Get(entry.Name())
		switch {
		case err != nil:
			warn(err)
		case !record.Since.IsZero(): // else it has just been removed
			records = append(records, record)
		}
	}
	slices.SortStableFunc(records, func(a, b Record) int {
		return severities[b.State] - severities[a.State]
	})
	return records, nil
}

// Set reports about a service. The same state again, with whatever message,
// is the same state since when it was. What cannot be read is replaced as if
// it had never been reported.
func (s Store) Set(name string, state State, message string) (Change, error) {
	if err := CheckName(name); err != nil {
		return Change{}, err
	}
	if err := makeDir(s.Dir); err != nil {
		return Change{}, &protocol.Error{What: "unable to create " + s.Dir, Err: err}
	}
	lock, err := s.lock()
	if err != nil {
		return Change{}, &protocol.Error{What: "unable to lock " + s.path(lockFile), Err: err}
	}
	defer lock.Close()

	old, _ := s.Get(name)
	record := Record{name, state, old.Since, cleanMessage(message)}
	if old.State != state || old.Since.IsZero() {
		record.Since = time.Now()
	}
	if err := s.write(record); err != nil {
		return Change{}, &protocol.Error{What: "unable to write " + s.path(name), Err: err}
	}
	return Change{name, old.State, state, record.Message}, nil
}

func (s Store) path(file string) string { return s.Dir + "/" + file }

// lock waits until no other process writes. The lock ends when the file is
// closed. It is one that only writers can open, as whoever can may hold it.
func (s Store) lock() (*os.File, error) {
	file, err := os.OpenFile(s.path(lockFile), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	if err := unix.Flock(int(file.Fd()), unix.LOCK_EX); err != nil {
		file.Close()
		return nil, err
	}
	return file, nil
}

// write replaces a record. Only who holds the lock may call it.
func (s Store) write(r Record) error {
	fresh := s.path(freshFile)
	err := writeFile(fresh, r.encode())
	if err == nil {
		err = os.Rename(fresh, s.path(r.Name))
	}
	if err != nil {
		os.Remove(fresh)
	}
	return err
}

// writeFile writes a file that anyone may read, whatever the umask.
func writeFile(name string, contents []byte) error {
	file, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o644)
	if err != nil {
		return err
	}
	_, err = file.Write(contents)
	return errors.Join(err, file.Chmod(0o644), file.Close())
}

// makeDir makes a directory that anyone may enter, whatever the umask, and
// those above it. One that exists is left as it is.
func makeDir(dir string) error {
	err := os.Mkdir(dir, 0o755)
	if errors.Is(err, fs.ErrNotExist) {
		if err := makeDir(filepath.Dir(dir)); err != nil {
			return err
		}
		err = os.Mkdir(dir, 0o755)
	}
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	if err != nil {
		return err
	}
	return os.Chmod(dir, 0o755)
}

// read returns the contents of a file that may be a record. Anything may lie
// around, so it neither waits for the other end of a FIFO nor reads without
// end.
func read(name string) ([]byte, error) {
	file, err := os.OpenFile(name, os.O_RDONLY|unix.O_NONBLOCK, 0)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, errNoRecord
	}
	text, err := io.ReadAll(io.LimitReader(file, maxRecord+1))
	if len(text) > maxRecord {
		return nil, errNoRecord
	}
	return text, err
}
