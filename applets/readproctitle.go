package applets

import (
	"bytes"
	"runtime"
	"unsafe"

	"syn3d/applets/inherited"

	"golang.org/x/sys/unix"
)

const (
	minTitle  = 5
	titleDots = 3 // at the beginning, which stay
)

// readproctitle shows the last of what it reads in the list of processes, in
// the place of its last argument.
func readproctitle(args []string) error {
	nameProcess("readproctitle")
	runtime.LockOSThread()
	inherited.Restore()
	if len(args) == 0 || len(args[len(args)-1]) < minTitle {
		return Silently(codeUsage)
	}
	title := argumentMemory(args[len(args)-1])
	for i := range title {
		title[i] = '.'
	}
	input := make([]byte, 4096)
	for {
		n, err := unix.Read(0, input)
		switch {
		case err == unix.EINTR:
			continue
		case err != nil:
			return Silently(codeFatal)
		case n == 0:
			return nil
		}
		scroll(title[titleDots:], input[:n])
	}
}

// argumentMemory returns the memory of an argument of this process. Go's
// arguments are where the kernel has put them, and ps looks.
func argumentMemory(argument string) []byte {
	return unsafe.Slice(unsafe.StringData(argument), len(argument))
}

// scroll moves text into window from the right. NUL, which would end what ps
// shows, is left out.
func scroll(window, text []byte) {
	for len(text) > 0 {
		var piece []byte
		piece, text, _ = bytes.Cut(text, []byte{0})
		if len(piece) > len(window) {
			piece = piece[len(piece)-len(window):]
		}
		copy(window, window[len(piece):])
		copy(window[len(window)-len(piece):], piece)
	}
}
