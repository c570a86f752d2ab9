package protocol

import (
	"errors"
	"fmt"
	"io/fs"
	"testing"

	"golang.org/x/sys/unix"
)

func TestErrorText(t *testing.T) {
	for _, test := range []struct {
		err  error
		want string
	}{
		{unix.EPERM, "permission denied"},
		{unix.EACCES, "access denied"},
		{unix.ENOENT, "file does not exist"},
		{unix.ENXIO, "device not configured"},
		{unix.EAGAIN, "temporary failure"},
		{unix.EWOULDBLOCK, "temporary failure"},
		{unix.EDEADLK, "operation would cause deadlock"},
		{unix.ENOTSUP, "operation not supported"},
		{unix.ELOOP, "symbolic link loop"},
		{unix.ENOSPC, "out of disk space"},
		{unix.EDQUOT, "disk quota exceeded"},
		{unix.ESTALE, "stale NFS file handle"},
		{unix.Errno(0), "no error"},

		{unix.Errno(41), "unknown error"}, // never assigned
		{unix.ECHRNG, "unknown error"},    // behind EIDRM
		{unix.ENODATA, "unknown error"},
		{unix.EOVERFLOW, "unknown error"},
		{unix.EILSEQ, "unknown error"},
		{unix.EUCLEAN, "unknown error"},
		{unix.ECANCELED, "unknown error"},
		{unix.EHWPOISON, "unknown error"}, // the last
		{unix.Errno(134), "unknown error"},
		{unix.Errno(1 << 30), "unknown error"},

		{&fs.PathError{Op: "open", Path: "a", Err: unix.EACCES}, "access denied"},
		{fmt.Errorf("wrapped: %w", unix.ENOTDIR), "not a directory"},
		{errors.New("supervise not running"), "supervise not running"},
	} {
		if got := ErrorText(test.err); got != test.want {
			t.Errorf("ErrorText(%v) = %q, want %q", test.err, got, test.want)
		}
	}
}

// The original knows 86 numbers, and "no error".
func TestErrorTextsAreComplete(t *testing.T) {
	known := 0
	for n := range 200 {
		text := ErrorText(unix.Errno(n))
		if text == "" {
			t.Errorf("ErrorText(%d) is empty", n)
		}
		if text != "unknown error" {
			known++
		}
	}
	if known != 87 {
		t.Errorf("%d numbers have a text, want 87", known)
	}
}

func TestError(t *testing.T) {
	err := error(&Error{"unable to open squid/supervise/control", unix.EACCES})
	const want = "unable to open squid/supervise/control: access denied"
	if got := err.Error(); got != want {
		t.Errorf("Error() = %q, want %q", got, want)
	}
	if !errors.Is(err, unix.EACCES) {
		t.Errorf("%v does not wrap EACCES", err)
	}
}
