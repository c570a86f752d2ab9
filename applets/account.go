package applets

import (
	"bytes"
	"errors"
	"strconv"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

const passwdFile = "/etc/passwd"

// An account is what the system's user database says of a user.
type account struct{ uid, gid uint32 }

// lookUp finds the account of a user. Those that /etc/passwd does not have,
// because they come from LDAP, say, getent is asked for: the C library, which
// knows how to find them, cannot be part of this program.
func (c *chain) lookUp(name string) (account, error) {
	unknown := errors.New("unknown account " + name)
	if name == "" {
		return account{}, unknown
	}
	if passwd, err := readFile(passwdFile); err == nil {
		if a, ok := findAccount(passwd, name); ok {
			return a, nil
		}
	}
	if a, ok := findAccount(c.getent(name), name); ok {
		return a, nil
	}
	return account{}, unknown
}

// findAccount finds a user in what has the form of /etc/passwd. What is no
// proper entry is passed over, and so are those that begin with a sign: they
// stand for whole databases.
func findAccount(passwd []byte, name string) (account, bool) {
	for line := range bytes.Lines(passwd) {
		line = bytes.TrimLeft(line, " \t")
		if len(line) == 0 || line[0] == '+' || line[0] == '-' || line[0] == '#' {
			continue
		}
		fields := strings.SplitN(strings.TrimSuffix(string(line), "\n"), ":", 5)
		if len(fields) < 4 || fields[0] != name {
			continue
		}
		uid, uidErr := strconv.ParseUint(fields[2], 10, 32)
		gid, gidErr := strconv.ParseUint(fields[3], 10, 32)
		if uidErr == nil && gidErr == nil {
			return account{uint32(uid), uint32(gid)}, true
		}
	}
	return account{}, false
}

// getent returns what getent, where it exists, prints for a user: nothing, or
// a line like those of /etc/passwd. It takes a number for a uid, and finds
// the user who has it, under the name of that user.
func (c *chain) getent(name string) []byte {
	var p [2]int
	if unix.Pipe2(p[:], unix.O_CLOEXEC) != nil {
		return nil
	}
	defer unix.Close(p[0])
	pid, err := startGetent(name, c.environ, p[1])
	unix.Close(p[1])
	if err != nil {
		return nil
	}
	line, _ := readAll(p[0])
	unix.Wait4(pid, nil, 0, nil)
	return line
}

func startGetent(name string, environ []string, out int) (pid int, err error) {
	for _, file := range [...]string{"/usr/bin/getent", "/bin/getent"} {
		pid, err = syscall.ForkExec(file, []string{"getent", "passwd", "--", name}, &syscall.ProcAttr{
			Env:   environ,
			Files: []uintptr{uintptr(out), uintptr(out), uintptr(out)}, // our own may be closed
		})
		if err == nil {
			break
		}
	}
	return pid, err
}
