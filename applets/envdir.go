package applets

import (
	"bytes"
	"strings"

	"syn3d/protocol"

	"golang.org/x/sys/unix"
)

func envdir(c *chain, args []string) (next []string, err error) {
	if len(args) < 2 {
		return nil, &exit{codeFatal, "envdir: usage: envdir dir child\n"}
	}
	here, err := unix.Open(".", unix.O_RDONLY|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, &protocol.Error{What: "unable to switch to current directory", Err: err}
	}
	defer unix.Close(here)
	if err := c.readEnvironment(args[0]); err != nil {
		return nil, err
	}
	if err := unix.Fchdir(here); err != nil {
		return nil, &protocol.Error{What: "unable to switch to starting directory", Err: err}
	}
	return args[1:], nil
}

// readEnvironment sets the variables that dir has files for. It makes that
// the working directory.
func (c *chain) readEnvironment(dir string) error {
	if err := unix.Chdir(dir); err != nil {
		return &protocol.Error{What: "unable to switch to directory " + dir, Err: err}
	}
	names, err := namesIn(".")
	if err != nil {
		return &protocol.Error{What: "unable to read directory " + dir, Err: err}
	}
	for _, name := range names {
		if name[0] == '.' {
			continue
		}
		content, err := readFile(name)
		if err != nil && err != unix.ENOENT {
			return &protocol.Error{What: "unable to read " + dir + "/" + name, Err: err}
		}
		c.setenv(environmentEntry(name, content))
	}
	return nil
}

// namesIn returns the names in a directory, in its own order.
func namesIn(dir string) (names []string, err error) {
	fd, err := unix.Open(dir, unix.O_RDONLY|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, err
	}
	defer unix.Close(fd)
	buffer := make([]byte, 32<<10)
	for {
		n, err := unix.ReadDirent(fd, buffer)
		if n <= 0 || err != nil {
			return names, err
		}
		_, _, names = unix.ParseDirent(buffer[:n], -1, names)
	}
}

// environmentEntry returns what a file of an environment directory says: the
// entry to set, or, if there is nothing in the file, the name to remove. A
// value is the first line, without blanks at its end; as it cannot hold a
// newline, NUL stands for one.
func environmentEntry(name string, content []byte) string {
	if len(content) == 0 {
		return name
	}
	line, _, _ := bytes.Cut(content, []byte("\n"))
	value := bytes.ReplaceAll(bytes.TrimRight(line, " \t"), []byte{0}, []byte("\n"))
	return name + "=" + string(value)
}

// variableName returns the name of the variable that an entry is for, and
// whether it also has a value.
func variableName(entry string) (name string, isSet bool) {
	name, _, isSet = strings.Cut(entry, "=")
	return name, isSet
}
