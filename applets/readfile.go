package applets

import (
	"slices"

	"golang.org/x/sys/unix"
)

// readFile reads a file in the way of the original, which does not wait for
// the other end of a FIFO. Unlike os.ReadFile it leaves no descriptors open
// in the process, as those of Go's poller, which would change the numbers of
// those that the next program is to get.
func readFile(name string) ([]byte, error) {
	fd, err := unix.Open(name, unix.O_RDONLY|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, err
	}
	defer unix.Close(fd)
	return readAll(fd)
}

func readAll(fd int) (content []byte, err error) {
	for {
		content = slices.Grow(content, 1024)
		n, err := unix.Read(fd, content[len(content):cap(content)])
		if err == unix.EINTR {
			continue
		}
		if n <= 0 || err != nil {
			return content, err
		}
		content = content[:len(content)+n]
	}
}
