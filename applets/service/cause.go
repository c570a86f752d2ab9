package service

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strings"

	"syn3d/protocol"

	"golang.org/x/sys/unix"
)

// checkRunnable returns why the kernel would not run a program, in words from
// which an administrator sees what to do, nil if it would.
func checkRunnable(file string) error {
	cannot := func(why string) error { return errors.New("unable to start " + Show(file) + ": " + why) }
	info, err := os.Stat(file)
	if errors.Is(err, os.ErrNotExist) {
		if target, err := os.Readlink(file); err == nil {
			return cannot("it is a link to " + Show(target) + ", which does not exist")
		}
	}
	switch {
	case err != nil:
		return &protocol.Error{What: "unable to start " + Show(file), Err: err}
	case info.IsDir():
		return cannot("it is a directory")
	case !info.Mode().IsRegular(): // nobody may be at the other end of a FIFO
		return cannot("it is not a regular file")
	case unix.Access(file, unix.X_OK) != nil:
		return cannot("it is not executable")
	}
	if why := checkHead(file); why != "" {
		return cannot(why)
	}
	return nil
}

// headSize is how much of a program the kernel looks at.
const headSize = 256

// checkHead tells from the head of a program why it cannot be run. It knows
// nothing against one that it may not read.
func checkHead(file string) (why string) {
	head := make([]byte, headSize)
	f, err := os.Open(file)
	if err != nil {
		return ""
	}
	defer f.Close()
	n, _ := io.ReadFull(f, head)
	head = head[:n]
	switch {
	case bytes.HasPrefix(head, []byte("#!")):
		return checkInterpreter(filepath.Dir(file), head[2:])
	case foreignFormats():
		return ""
	case bytes.HasPrefix(head, []byte("\x7fELF")):
		return checkMachine(head)
	}
	return "it neither is a program nor begins with #!"
}

// checkInterpreter looks for the program that a #! line names. A relative one
// is looked for in the service directory, where run is run.
func checkInterpreter(dir string, line []byte) (why string) {
	line, _, _ = bytes.Cut(line, []byte{'\n'})
	words := strings.Fields(strings.ReplaceAll(string(line), "\r", "\\r "))
	if len(words) == 0 {
		return "its #! line names no interpreter"
	}
	name, path := words[0], words[0]
	if !filepath.IsAbs(path) {
		path = dir + "/" + path
	}
	if _, err := os.Stat(path); errors.Is(err, os.ErrNotExist) {
		if strings.HasSuffix(name, "\\r") {
			return "its lines end as those of DOS do, with \\r"
		}
		return "its interpreter " + name + " does not exist"
	}
	if unix.Access(path, unix.X_OK) != nil {
		return "its interpreter " + name + " is not executable"
	}
	return ""
}

// foreignFormats reports whether the kernel was told of more formats of
// programs than it knows by itself, of which anything may be.
func foreignFormats() bool {
	entries, _ := os.ReadDir("/proc/sys/fs/binfmt_misc")
	return len(entries) > 2 // register and status
}

// checkMachine tells a program for another machine by comparing its head with
// that of this program.
func checkMachine(head []byte) (why string) {
	const class, machine, end = 4, 18, 20
	own := make([]byte, end)
	f, err := os.Open("/proc/self/exe")
	if err != nil {
		return ""
	}
	defer f.Close()
	if _, err := io.ReadFull(f, own); err != nil || len(head) < end {
		return "it is damaged"
	}
	// Many a machine of 64 bits runs programs of 32.
	if head[class] != own[class] || bytes.Equal(head[machine:end], own[machine:end]) {
		return ""
	}
	return "it is a program for another machine"
}

// likelyCause returns why a service does not stay up, if that can be told from
// its run script, else "".
func likelyCause(dir string) string {
	run, err := protocol.ReadSmall(dir + "/" + protocol.RunFile)
	if err != nil || !bytes.HasPrefix(run, []byte("#!")) {
		return ""
	}
	for _, name := range accountsOf(string(run)) {
		if !accountExists(name) {
			return fmt.Sprintf("there is no user %s, whom %s names", name, Show(dir+"/"+protocol.RunFile))
		}
	}
	return ""
}

// accountsOf returns the users as whom a run script runs programs.
func accountsOf(run string) (names []string) {
	for line := range strings.Lines(run) {
		line, _, _ = strings.Cut(strings.TrimSpace(line), " #")
		if strings.HasPrefix(line, "#") {
			continue
		}
		words := strings.Fields(line)
		for i, word := range words {
			if name := accountIn(filepath.Base(word), words[i+1:]); isName(name) {
				names = append(names, name)
			}
		}
	}
	return names
}

// accountIn returns the user of a command that changes to one.
func accountIn(command string, args []string) string {
	switch command {
	case "setuidgid", "envuidgid", "s6-setuidgid", "su", "runuser":
	default:
		return ""
	}
	for _, arg := range args {
		if !strings.HasPrefix(arg, "-") {
			return strings.Trim(arg, `"'`)
		}
		if arg == "-c" { // su -c COMMAND USER: what is where cannot be told without a shell
			return ""
		}
	}
	return ""
}

// isName reports whether text is a name as it stands: a shell would make
// something else of $USER.
func isName(text string) bool {
	return text != "" && !strings.ContainsAny(text, "$`\"'\\;|&<>(){}*?[]:")
}

// accountExists looks in /etc/passwd, and then asks the system, which may
// know more of them.
func accountExists(name string) bool {
	if _, err := user.Lookup(name); err == nil {
		return true
	}
	err := exec.Command("getent", "passwd", name).Run()
	var exit *exec.ExitError
	const notFound = 2
	if errors.As(err, &exit) {
		return exit.ExitCode() != notFound
	}
	// Without a getent, /etc/passwd is all there is.
	return err == nil
}
