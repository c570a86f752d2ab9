package web

import (
	"errors"
	"net"
	"strings"

	"syn3d/protocol"

	"golang.org/x/sys/unix"
)

// An Address is where to listen.
type Address struct {
	text string
	path string       // of a unix socket
	tcp  *net.TCPAddr // else
}

// ParseAddress takes "host:port", or "unix:" and a path, and looks up the host.
func ParseAddress(text string) (Address, error) {
	if path, ok := strings.CutPrefix(text, "unix:"); ok {
		if path == "" {
			return Address{}, errors.New("unix: wants a path")
		}
		return Address{text: text, path: path}, nil
	}
	if text == "" {
		return Address{}, errors.New("wants host:port, or unix: and a path")
	}
	tcp, err := net.ResolveTCPAddr("tcp", text)
	if err != nil {
		return Address{}, err
	}
	return Address{text: text, tcp: tcp}, nil
}

// Unix reports whether it is that of a unix socket.
func (a Address) Unix() bool { return a.path != "" }

// Local reports whether only this machine can reach it. The wildcard address
// is not local, and neither is no host at all, which means the same.
func (a Address) Local() bool { return a.Unix() || a.tcp.IP.IsLoopback() }

func (a Address) String() string { return a.text }

// Listen begins to listen. A unix socket is for its owner only, and disappears
// when the listener is closed.
func Listen(a Address) (listener net.Listener, err error) {
	if a.Unix() {
		listener, err = listenUnix(a.path)
	} else {
		listener, err = net.ListenTCP(a.network(), a.tcp)
	}
	if err != nil {
		return nil, &protocol.Error{What: "unable to listen at " + a.text, Err: err}
	}
	return listener, nil
}

// network keeps 0.0.0.0 from meaning IPv6, too, which package net takes it for.
func (a Address) network() string {
	if a.tcp.IP.To4() != nil {
		return "tcp4"
	}
	return "tcp"
}

// listenUnix takes the place of a socket that nobody serves any more. Its mode
// must be right from the first moment, which only the umask can see to.
func listenUnix(path string) (net.Listener, error) {
	if conn, err := net.Dial("unix", path); err == nil {
		conn.Close()
		return nil, unix.EADDRINUSE
	} else if errors.Is(err, unix.ECONNREFUSED) && isSocket(path) {
		unix.Unlink(path)
	}
	defer unix.Umask(unix.Umask(0o177))
	return net.Listen("unix", path)
}

// isSocket keeps a file that is in the way by mistake from being removed:
// connecting to it fails in the same way.
func isSocket(path string) bool {
	var st unix.Stat_t
	return unix.Lstat(path, &st) == nil && st.Mode&unix.S_IFMT == unix.S_IFSOCK
}
