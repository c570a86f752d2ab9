package supervisor

import (
	"errors"
	"path"
	"strconv"
	"strings"

	"syn3d/protocol"

	"golang.org/x/sys/unix"
)

// A dir is a service directory, held by descriptor: it stays the same one
// when it is renamed or when something else takes its name.
type dir struct {
	identity
	fd      int
	name    string // as messages have it: squid, squid/log
	entered bool   // it is the working directory of the process
	state   string // the directory supervise: absolute, or relative to this one
}

// openDir opens the directory name.
func openDir(name string) (*dir, error) {
	err := error(unix.ENOENT) // as for every empty path
	fd := -1
	if name != "" {
		// The dot asks for what changing into it would: search permission.
		fd, err = unix.Open(name+"/.", unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	}
	if err != nil {
		return nil, &protocol.Error{What: "unable to chdir to " + name, Err: err}
	}
	return &dir{fd: fd, name: name, identity: identityOfFile(fd), state: stateDir(fd)}, nil
}

func identityOfFile(fd int) identity {
	var st unix.Stat_t
	if unix.Fstat(fd, &st) != nil {
		return identity{}
	}
	return identity{st.Dev, st.Ino}
}

// stateDir returns the state directory of an open service directory, whatever
// name that was opened by.
func stateDir(fd int) string {
	const dot = "."
	if state := protocol.StatePath(dot, protocol.StateDir); !path.IsAbs(state) {
		return strings.TrimPrefix(state, dot+"/")
	}
	return protocol.StatePath("/proc/thread-self/fd/"+strconv.Itoa(fd), protocol.StateDir)
}

// at returns where a file is that protocol names.
func (d *dir) at(file string) string {
	if below, ok := strings.CutPrefix(file, protocol.StateDir); ok {
		return d.state + below
	}
	return file
}

func (d *dir) close() { unix.Close(d.fd) }

// enter makes the directory the working directory of the process.
func (d *dir) enter() error {
	if err := unix.Fchdir(d.fd); err != nil {
		return &protocol.Error{What: "unable to chdir to " + d.name, Err: err}
	}
	d.entered = true
	return nil
}

// path names the directory to system calls that take no descriptor.
func (d *dir) path() string {
	if d.entered {
		return "."
	}
	return "/proc/self/fd/" + strconv.Itoa(d.fd)
}

func (d *dir) failed(verb, file string, err error) error {
	return &protocol.Error{What: verb + " " + d.name + "/" + file, Err: err}
}

// normallyDown reports whether there is a file down, of any type.
func (d *dir) normallyDown() (bool, error) {
	var st unix.Stat_t
	err := unix.Fstatat(d.fd, protocol.DownFile, &st, 0)
	if err == unix.ENOENT {
		return false, nil
	}
	if err != nil {
		return false, d.failed("unable to stat", protocol.DownFile, err)
	}
	return true, nil
}

// makeState makes the directory supervise, or what it is a link to. Failures
// show when something in it cannot be opened.
func (d *dir) makeState() {
	makeDir := unix.Mkdirat
	if path.IsAbs(d.state) { // which nothing else may have made room for
		makeDir = mkdirAll
	}
	if makeDir(d.fd, d.state, 0o700) == nil {
		return
	}
	var target [unix.PathMax]byte
	n, err := unix.Readlinkat(d.fd, d.state, target[:])
	if err == nil {
		mkdirAll(d.fd, string(target[:n]), 0o700)
	}
}

// mkdirAll makes a directory and what is missing above it.
func mkdirAll(at int, name string, mode uint32) error {
	err := unix.Mkdirat(at, name, mode)
	if err != unix.ENOENT || path.Dir(name) == name {
		return err
	}
	if err := mkdirAll(at, path.Dir(name), mode); err != nil && err != unix.EEXIST {
		return err
	}
	return unix.Mkdirat(at, name, mode)
}

// lock returns a descriptor that holds the lock of the directory.
func (d *dir) lock() (int, error) {
	fd, err := d.tryLock(protocol.LockFile)
	if err != nil {
		return -1, d.failed("unable to acquire", protocol.LockFile, err)
	}
	return fd, nil
}

var errNotFIFO = errors.New("not a FIFO")

// openFIFO makes the FIFO file if it is missing and opens it. A writer that
// creates what it writes to may have left a regular file there: it makes way.
func (d *dir) openFIFO(file string, mode int) (int, error) {
	unix.Mkfifoat(d.fd, d.at(file), 0o600)
	if d.mode(file) == unix.S_IFREG {
		d.replaceByFIFO(file)
	}
	fd, err := unix.Openat(d.fd, d.at(file), mode|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
	if err == unix.EISDIR { // reading alone would do
		return -1, d.failed("unable to write", file, err)
	}
	if err != nil {
		return -1, d.failed("unable to read", file, err)
	}
	var st unix.Stat_t
	if err := unix.Fstat(fd, &st); err != nil || st.Mode&unix.S_IFMT != unix.S_IFIFO {
		unix.Close(fd)
		return -1, d.failed("unable to read", file, errNotFIFO)
	}
	return fd, nil
}

// mode returns the type bits of a file, 0 if there is none.
func (d *dir) mode(file string) uint32 {
	var st unix.Stat_t
	if unix.Fstatat(d.fd, d.at(file), &st, unix.AT_SYMLINK_NOFOLLOW) != nil {
		return 0
	}
	return st.Mode & unix.S_IFMT
}

// replaceByFIFO leaves no moment without a file of that name, in which the
// same writer might create the regular one anew.
func (d *dir) replaceByFIFO(file string) {
	file = d.at(file)
	fresh := file + ".new"
	unix.Unlinkat(d.fd, fresh, 0)
	if unix.Mkfifoat(d.fd, fresh, 0o600) == nil {
		unix.Renameat(d.fd, fresh, d.fd, file)
	}
}

// replace puts content in the place of a file of the state directory, so that
// readers find the old one or the new one, whole.
func (d *dir) replace(file string, content []byte) error {
	const flags = unix.O_WRONLY | unix.O_CREAT | unix.O_TRUNC | unix.O_NONBLOCK | unix.O_CLOEXEC
	fresh := file + ".new"
	fd, err := unix.Openat(d.fd, d.at(fresh), flags, 0o644)
	if err != nil {
		return d.failed("unable to open", fresh, err)
	}
	n, err := unix.Write(fd, content)
	unix.Close(fd)
	if err != nil {
		return d.failed("unable to write", fresh, err)
	}
	if n < len(content) {
		return d.failed("unable to write", fresh, errPartial)
	}
	if err := unix.Renameat(d.fd, d.at(fresh), d.fd, d.at(file)); err != nil {
		return d.failed("unable to rename", fresh+" to "+path.Base(file), err)
	}
	return nil
}

var errPartial = errors.New("partial write")

// overwrite writes content over a file. That needs no space on the disk that
// the file does not have already.
func (d *dir) overwrite(file string, content []byte) error {
	const flags = unix.O_WRONLY | unix.O_NOFOLLOW | unix.O_NONBLOCK | unix.O_CLOEXEC
	fd, err := unix.Openat(d.fd, d.at(file), flags, 0)
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	n, err := unix.Pwrite(fd, content, 0)
	if err != nil {
		return err
	}
	if n < len(content) {
		return errPartial
	}
	return unix.Ftruncate(fd, int64(len(content)))
}

// executable returns an error if a file is not there or cannot be executed.
func (d *dir) executable(file string) error {
	var st unix.Stat_t
	if err := unix.Fstatat(d.fd, file, &st, 0); err != nil {
		return err
	}
	if st.Mode&unix.S_IFMT == unix.S_IFDIR {
		return unix.EISDIR
	}
	return unix.Faccessat(d.fd, file, unix.X_OK, 0)
}

// remove removes a file, if it is there.
func (d *dir) remove(file string) { unix.Unlinkat(d.fd, d.at(file), 0) }

// tryLock returns a descriptor that holds the lock of a file.
func (d *dir) tryLock(file string) (int, error) {
	const flags = unix.O_WRONLY | unix.O_APPEND | unix.O_CREAT | unix.O_NONBLOCK | unix.O_CLOEXEC
	fd, err := unix.Openat(d.fd, d.at(file), flags, 0o600)
	if err != nil {
		return -1, err
	}
	if err := unix.Flock(fd, unix.LOCK_EX|unix.LOCK_NB); err != nil {
		unix.Close(fd)
		return -1, err
	}
	return fd, nil
}

// read returns the content of a small file.
func (d *dir) read(file string) ([]byte, error) {
	fd, err := unix.Openat(d.fd, d.at(file), unix.O_RDONLY|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, err
	}
	defer unix.Close(fd)
	var content [1024]byte
	n, err := unix.Read(fd, content[:])
	return content[:max(n, 0)], err
}

// pastDetail returns what a supervisor before this one knew of the service.
// Of what was before the boot, or stands in a copy of another directory, only
// the last exit, or nothing, counts.
func (d *dir) pastDetail(boot string) protocol.Detail {
	text, _ := d.read(protocol.DetailFile)
	detail := protocol.ParseDetail(text)
	if detail.Inode != d.identity.ino {
		return protocol.Detail{}
	}
	if detail.Boot != boot {
		return protocol.Detail{LastExit: detail.LastExit, Exited: detail.Exited, Done: true}
	}
	return detail
}

// has reports whether there is a file.
func (d *dir) has(file string) bool { return d.mode(file) != 0 }
