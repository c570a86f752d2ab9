package protocol

import (
	"errors"

	"golang.org/x/sys/unix"
)

// ErrorText returns the words of the original for the system error within
// err: "file does not exist" rather than the C library's "No such file or
// directory". Scripts compare them. An error that holds no system error
// speaks for itself.
func ErrorText(err error) string {
	var errno unix.Errno
	if !errors.As(err, &errno) {
		return err.Error()
	}
	if int(errno) < len(errorTexts) && errorTexts[errno] != "" {
		return errorTexts[errno]
	}
	return "unknown error"
}

// An Error says what could not be done, to what, and why, in the grammar of
// the original: "unable to open squid/supervise/control: access denied".
type Error struct {
	What string // "unable to chdir to squid"
	Err  error  // the reason
}

func (e *Error) Error() string { return e.What + ": " + ErrorText(e.Err) }

func (e *Error) Unwrap() error { return e.Err }

// errorTexts was recorded by handing every number to the original. Note
// EPERM and EACCES, which are not what one would guess.
var errorTexts = [...]string{
	0:                    "no error",
	unix.EPERM:           "permission denied",
	unix.ENOENT:          "file does not exist",
	unix.ESRCH:           "no such process",
	unix.EINTR:           "interrupted system call",
	unix.EIO:             "input/output error",
	unix.ENXIO:           "device not configured",
	unix.E2BIG:           "argument list too long",
	unix.ENOEXEC:         "exec format error",
	unix.EBADF:           "file descriptor not open",
	unix.ECHILD:          "no child processes",
	unix.EAGAIN:          "temporary failure",
	unix.ENOMEM:          "out of memory",
	unix.EACCES:          "access denied",
	unix.EFAULT:          "bad address",
	unix.ENOTBLK:         "not a block device",
	unix.EBUSY:           "device busy",
	unix.EEXIST:          "file already exists",
	unix.EXDEV:           "cross-device link",
	unix.ENODEV:          "device does not support operation",
	unix.ENOTDIR:         "not a directory",
	unix.EISDIR:          "is a directory",
	unix.EINVAL:          "invalid argument",
	unix.ENFILE:          "system cannot open more files",
	unix.EMFILE:          "process cannot open more files",
	unix.ENOTTY:          "not a tty",
	unix.ETXTBSY:         "text busy",
	unix.EFBIG:           "file too big",
	unix.ENOSPC:          "out of disk space",
	unix.ESPIPE:          "unseekable descriptor",
	unix.EROFS:           "read-only file system",
	unix.EMLINK:          "too many links",
	unix.EPIPE:           "broken pipe",
	unix.EDOM:            "input out of range",
	unix.ERANGE:          "output out of range",
	unix.EDEADLK:         "operation would cause deadlock",
	unix.ENAMETOOLONG:    "file name too long",
	unix.ENOLCK:          "no locks available",
	unix.ENOSYS:          "system call not available",
	unix.ENOTEMPTY:       "directory not empty",
	unix.ELOOP:           "symbolic link loop",
	unix.ENOMSG:          "no message of desired type",
	unix.EIDRM:           "identifier removed",
	unix.ENOSTR:          "not a stream device",
	unix.ETIME:           "timer expired",
	unix.ENOSR:           "out of stream resources",
	unix.ENONET:          "machine not on network",
	unix.EREMOTE:         "too many levels of remote in path",
	unix.ENOLINK:         "link severed",
	unix.EADV:            "advertise error",
	unix.ESRMNT:          "srmount error",
	unix.ECOMM:           "communication error",
	unix.EPROTO:          "protocol error",
	unix.EMULTIHOP:       "multihop attempted",
	unix.EBADMSG:         "bad message type",
	unix.EREMCHG:         "remote address changed",
	unix.EUSERS:          "too many users",
	unix.ENOTSOCK:        "not a socket",
	unix.EDESTADDRREQ:    "destination address required",
	unix.EMSGSIZE:        "message too long",
	unix.EPROTOTYPE:      "incorrect protocol type",
	unix.ENOPROTOOPT:     "protocol not available",
	unix.EPROTONOSUPPORT: "protocol not supported",
	unix.ESOCKTNOSUPPORT: "socket type not supported",
	unix.EOPNOTSUPP:      "operation not supported",
	unix.EPFNOSUPPORT:    "protocol family not supported",
	unix.EAFNOSUPPORT:    "address family not supported",
	unix.EADDRINUSE:      "address already used",
	unix.EADDRNOTAVAIL:   "address not available",
	unix.ENETDOWN:        "network down",
	unix.ENETUNREACH:     "network unreachable",
	unix.ENETRESET:       "network reset",
	unix.ECONNABORTED:    "connection aborted",
	unix.ECONNRESET:      "connection reset",
	unix.ENOBUFS:         "out of buffer space",
	unix.EISCONN:         "already connected",
	unix.ENOTCONN:        "not connected",
	unix.ESHUTDOWN:       "socket shut down",
	unix.ETOOMANYREFS:    "too many references",
	unix.ETIMEDOUT:       "timed out",
	unix.ECONNREFUSED:    "connection refused",
	unix.EHOSTDOWN:       "host down",
	unix.EHOSTUNREACH:    "host unreachable",
	unix.EALREADY:        "operation already in progress",
	unix.EINPROGRESS:     "operation in progress",
	unix.ESTALE:          "stale NFS file handle",
	unix.EDQUOT:          "disk quota exceeded",
}
