package protocol

import (
	"errors"
	"os"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// The files of a service directory, relative to it.
const (
	RunFile          = "run"
	DownFile         = "down"
	StartScript      = "start"
	StopScript       = "stop"
	StartWatchFile   = "start-watch"
	RestartDelayFile = "restart-delay"
	AfterFile        = "after"
	LeaveFile        = "leave-children"
	LogDir           = "log"

	StateDir      = "supervise"
	LockFile      = StateDir + "/lock"
	ControlFile   = StateDir + "/control"
	OkFile        = StateDir + "/ok"
	StatusFile    = StateDir + "/status"
	DetailFile    = StateDir + "/detail"
	StartLockFile = StateDir + "/start"
	VerdictFile   = StateDir + "/verdict"
)

// StartWatch is how long a service without a start script must have run to be
// taken for running properly, unless the file start-watch says otherwise.
const StartWatch = 2 * time.Second

// MarkerVariable is in the environment of every process that belongs to a
// service, with the absolute path of its directory: so those that have escaped
// from it can be found.
const MarkerVariable = "SVC_DIR"

// InstanceVariable is there, too, with the name of the instance to which the
// process belongs.
const InstanceVariable = "SVC_INSTANCE"

// ReasonVariable tells a control script why it runs.
const ReasonVariable = "SVC_REASON"

// ErrNotRunning says that no supervisor serves a service directory.
var ErrNotRunning = errors.New("supervise not running")

// Root returns the directory in which a bare service name is looked up.
func Root() string {
	if dir := os.Getenv("SVDIR"); dir != "" {
		return dir
	}
	return "/service"
}

// Locate returns the service directory that an operand of svc, svok or
// svstat means: the directory of that name, or, if there is none and the name
// is a bare one, the service of that name below Root.
func Locate(name string) string {
	if strings.Contains(name, "/") || name == "" || isDir(name) {
		return name
	}
	if dir := Root() + "/" + name; isDir(dir) {
		return dir
	}
	return name
}

func isDir(name string) bool {
	var st unix.Stat_t
	return unix.Stat(name, &st) == nil && st.Mode&unix.S_IFMT == unix.S_IFDIR
}

// CheckDir returns the error that changing into dir would meet, nil if none.
func CheckDir(dir string) error {
	if dir == "" {
		return unix.ENOENT
	}
	// Unlike dir itself, dir/. can be opened only by who may enter dir.
	fd, err := unix.Open(dir+"/.", unix.O_PATH|unix.O_CLOEXEC, 0)
	if err != nil {
		return err
	}
	return unix.Close(fd)
}

// join names a file of dir. No directory has the empty name, so no file of
// it may turn into one of the root directory.
func join(dir, file string) string {
	if dir == "" {
		return ""
	}
	return dir + "/" + file
}

// Supervised returns nil if a supervisor serves dir, else the errno of opening
// supervise/ok: ENXIO if none does, ENOENT if none ever did or if there is no
// such directory, which CheckDir tells.
func Supervised(dir string) error {
	fd, err := open(StatePath(dir, OkFile), unix.O_WRONLY)
	if err != nil {
		return err
	}
	return unix.Close(fd)
}

// NormallyDown reports whether dir holds a file down.
func NormallyDown(dir string) (bool, error) {
	var st unix.Stat_t
	err := unix.Stat(join(dir, DownFile), &st)
	if err == unix.ENOENT {
		return false, nil
	}
	return err == nil, err
}

// Send writes commands to the supervisor of dir in a single write, so that
// they arrive in one piece. It waits while the FIFO is full. With no commands
// it only tries whether they could be sent.
func Send(dir string, commands []byte) error {
	fd, err := open(StatePath(dir, ControlFile), unix.O_WRONLY)
	if err != nil {
		return sendError(dir, err)
	}
	defer unix.Close(fd)

	// Opened non-blocking, to learn whether there is a reader; written
	// blocking, to let that reader catch up.
	if err := unix.SetNonblock(fd, false); err != nil {
		return &Error{"error writing commands to " + dir, err}
	}
	if len(commands) == 0 {
		return nil
	}
	if _, err := unix.Write(fd, commands); err != nil {
		return &Error{"error writing commands to " + dir, err}
	}
	return nil
}

func sendError(dir string, err error) error {
	if err := CheckDir(dir); err != nil {
		return &Error{"unable to chdir to " + dir, err}
	}
	if err == unix.ENXIO {
		err = ErrNotRunning
	}
	return &Error{"unable to control " + dir, err}
}

// ReadStatus reads the status record of dir. Its errors are Errors that do
// not name dir.
func ReadStatus(dir string) (Status, error) {
	fd, err := open(StatePath(dir, StatusFile), unix.O_RDONLY)
	if err != nil {
		return Status{}, &Error{"unable to open " + StatusFile, err}
	}
	defer unix.Close(fd)

	var record [StatusSize]byte
	n, err := unix.Read(fd, record[:])
	if err == nil {
		var s Status
		if s, err = ParseStatus(record[:n]); err == nil {
			return s, nil
		}
	}
	return Status{}, &Error{"unable to read " + StatusFile, err}
}

// open opens without waiting for the other end of a FIFO.
func open(path string, mode int) (int, error) {
	for {
		fd, err := unix.Open(path, mode|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
		if err != unix.EINTR {
			return fd, err
		}
	}
}
