package protocol

import (
	"errors"
	"io"
	"os"

	"golang.org/x/sys/unix"
)

// smallLimit is more than any of our text files has a use for.
const smallLimit = 64 << 10

var errNotRegular = errors.New("not a regular file")

// ReadSmall returns the content of a small file, of which the rest beyond
// smallLimit is left out. Whoever may write to a service directory can put
// anything in its place: a supervisor must neither wait for the other end of a
// FIFO nor take in /dev/zero.
func ReadSmall(name string) ([]byte, error) {
	file, err := os.OpenFile(name, os.O_RDONLY|unix.O_NONBLOCK, 0)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	info, err := file.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = errNotRegular
	}
	if err != nil {
		return nil, err
	}
	return io.ReadAll(io.LimitReader(file, smallLimit))
}
