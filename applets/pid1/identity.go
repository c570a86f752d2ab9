package pid1

import (
	"bytes"
	"os"
	"slices"
	"strings"

	"syn3d/protocol"

	"golang.org/x/sys/unix"
)

// hostnameFile holds the name of the machine in its first word.
const hostnameFile = "/etc/hostname"

// setHostname gives the machine the name in hostnameFile, if there is one.
func setHostname() error {
	text, err := os.ReadFile(hostnameFile)
	if os.IsNotExist(err) {
		return nil
	}
	if err != nil {
		return &protocol.Error{What: "unable to read " + hostnameFile, Err: err}
	}
	words := bytes.Fields(text)
	if len(words) == 0 {
		return nil
	}
	if err := unix.Sethostname(words[0]); err != nil && err != unix.EPERM {
		return &protocol.Error{What: "unable to set the hostname", Err: err}
	}
	return nil
}

// raiseLoopback brings up the interface by which the machine talks to itself.
// A kernel without a network has none.
func raiseLoopback() error {
	socket, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err == unix.EAFNOSUPPORT {
		return nil
	}
	if err == nil {
		defer unix.Close(socket)
		err = raise(socket, "lo")
	}
	if err != nil && err != unix.EPERM {
		return &protocol.Error{What: "unable to bring up lo", Err: err}
	}
	return nil
}

func raise(socket int, name string) error {
	request, err := unix.NewIfreq(name)
	if err != nil {
		return err
	}
	if err := unix.IoctlIfreq(socket, unix.SIOCGIFFLAGS, request); err != nil {
		return err
	}
	if request.Uint16()&unix.IFF_UP != 0 {
		return nil
	}
	request.SetUint16(request.Uint16() | unix.IFF_UP)
	return unix.IoctlIfreq(socket, unix.SIOCSIFFLAGS, request)
}

// Parameter reports whether a word stands on the command line of the kernel.
func Parameter(word string) bool {
	line, _ := os.ReadFile("/proc/cmdline")
	return slices.Contains(strings.Fields(string(line)), word)
}

// OwnsMachine reports whether this process, which is the first, is that of
// the machine, and not of a container.
func OwnsMachine() bool {
	const initial = "pid:[4026531836]" // PROC_PID_INIT_INO of the kernel
	namespace, err := os.Readlink("/proc/self/ns/pid")
	if os.IsNotExist(err) {
		// Containers come with a /proc, and need a kernel with namespaces.
		return true
	}
	return namespace == initial
}
