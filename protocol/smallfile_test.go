package protocol

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"testing"

	"golang.org/x/sys/unix"
)

func TestReadSmall(t *testing.T) {
	write := func(size int) func(string) error {
		return func(name string) error { return os.WriteFile(name, make([]byte, size), 0o644) }
	}
	link := func(to string) func(string) error {
		return func(name string) error { return os.Symlink(to, name) }
	}
	for _, test := range []struct {
		name string
		make func(name string) error
		size int
		err  error
	}{
		{"empty", write(0), 0, nil},
		{"small", write(100), 100, nil},
		{"large", write(smallLimit + 1), smallLimit, nil},
		{"not there", func(string) error { return nil }, 0, fs.ErrNotExist},
		{"FIFO", func(name string) error { return unix.Mkfifo(name, 0o600) }, 0, errNotRegular},
		{"directory", func(name string) error { return os.Mkdir(name, 0o755) }, 0, errNotRegular},
		{"device", link("/dev/zero"), 0, errNotRegular},
	} {
		t.Run(test.name, func(t *testing.T) {
			name := t.TempDir() + "/file"
			if err := test.make(name); err != nil {
				t.Fatal(err)
			}
			got, err := ReadSmall(name)
			if !bytes.Equal(got, make([]byte, test.size)) || !errors.Is(err, test.err) {
				t.Errorf("ReadSmall() = %d bytes, %v, want %d, %v", len(got), err, test.size, test.err)
			}
		})
	}
}
