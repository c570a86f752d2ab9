package protocol

import (
	"strings"

	"golang.org/x/sys/unix"
)

// defaultPath is where programs are looked for without a PATH.
const defaultPath = "/bin:/usr/bin"

// Path returns the PATH of an environment, of which the first one counts.
func Path(environ []string) string {
	for _, variable := range environ {
		if path, ok := strings.CutPrefix(variable, "PATH="); ok {
			return path
		}
	}
	return defaultPath
}

// Candidates returns the files to execute, in turn, for a program: itself if
// there is a slash in it, else that name in every directory of path, where an
// empty one is the working directory. KeepLooking says when to go on to the
// next.
func Candidates(program, path string) []string {
	if strings.Contains(program, "/") {
		return []string{program}
	}
	var files []string
	for dir := range strings.SplitSeq(path, ":") {
		if dir == "" {
			dir = "."
		}
		files = append(files, dir+"/"+program)
	}
	return files
}

// KeepLooking reports whether the search for a program goes on after a
// candidate could not be executed because of err. If no other is found, the
// last error that was not ENOENT is what to report.
func KeepLooking(err unix.Errno) bool {
	switch err {
	case unix.ENOENT, unix.EACCES, unix.EPERM, unix.EISDIR:
		return true
	}
	return false
}

// Executable returns the first of candidates that can be executed, as far as
// that can be told without doing so, or why there is none.
func Executable(candidates []string) (file string, err error) {
	failure := unix.ENOENT
	for _, file := range candidates {
		errno := checkExecutable(file)
		if errno == 0 {
			return file, nil
		}
		if errno != unix.ENOENT {
			failure = errno
		}
		if !KeepLooking(errno) {
			break
		}
	}
	return "", failure
}

// checkExecutable returns the error with which executing file would fail.
func checkExecutable(file string) unix.Errno {
	var st unix.Stat_t
	err := unix.Stat(file, &st)
	if err == nil && st.Mode&unix.S_IFMT != unix.S_IFREG {
		err = unix.EACCES
	}
	if err == nil {
		err = unix.Faccessat(unix.AT_FDCWD, file, unix.X_OK, unix.AT_EACCESS)
	}
	errno, _ := err.(unix.Errno)
	return errno
}
