package multilog

import (
	"syn3d/protocol"

	"golang.org/x/sys/unix"
)

// statusSize is the size of a status file: the longest line and a newline.
const statusSize = lineMax + 1

// A status is a file that holds the last line selected for it.
type status struct {
	name    string
	fd      int
	line    []byte // to be written
	signals *signals
}

// openStatus opens a status file, relative to the directory here. It stays
// empty until there is a line for it.
func openStatus(here int, name string, signals *signals) (*status, error) {
	fd, err := unix.Openat(here, name, appendTo, 0o600)
	if err != nil {
		return nil, &protocol.Error{What: "unable to create " + name, Err: err}
	}
	unix.Close(fd)
	fd, err = unix.Openat(here, name, unix.O_WRONLY|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, &protocol.Error{What: "unable to write " + name, Err: err}
	}
	return &status{name: name, fd: fd, signals: signals}, nil
}

// write writes the line, filled up with newlines. What the file has behind
// them remains.
func (s *status) write() {
	record := make([]byte, statusSize)
	for i := copy(record, s.line); i < statusSize; i++ {
		record[i] = '\n'
	}
	for what, err := s.tryWrite(record); err != nil; what, err = s.tryWrite(record) {
		warnPausing(what+s.name, err)
		s.signals.pause()
	}
}

// tryWrite returns what could not be done, and why.
func (s *status) tryWrite(record []byte) (what string, err error) {
	if _, err := unix.Seek(s.fd, 0, unix.SEEK_SET); err != nil {
		return "unable to move to beginning of ", err
	}
	for len(record) > 0 {
		n, err := write(s.fd, record)
		if err != nil {
			return "unable to write ", err
		}
		record = record[n:]
	}
	return "", nil
}
