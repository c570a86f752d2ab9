package web

import (
	"context"
	"crypto/tls"
	"net"
	"net/http"
	"net/netip"
	"strconv"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

// How many connections there may be. A browser opens six.
const (
	maxConnections = 256
	maxOfOne       = 64 // from one network, or of one user by a unix socket
)

// A crowd is a listener that bounds how many connections there are. It does not
// refuse the new one, since then whoever holds many would shut out everybody
// else: it closes an old one. Those that serve a visitor just now are never
// closed, and those that have served one are the last to be.
type crowd struct {
	net.Listener

	mu   sync.Mutex
	open map[*connection]bool
}

// A connection is one of the crowd.
type connection struct {
	net.Conn
	crowd *crowd
	from  string // "192.0.2.7" or "uid 0"
	// network is what counts as one: the address, of IPv6 its first half, since
	// everybody has all of the rest.
	network string
	uid     int // of the process at the other end of a unix socket, else -1

	// The crowd's lock guards these.
	known bool      // it has served a visitor
	busy  int       // how many requests of visitors it serves
	last  time.Time // when it came, or had served the last one
}

func (c *crowd) Accept() (net.Conn, error) {
	for {
		conn, err := c.Listener.Accept()
		if err != nil {
			return nil, err
		}
		fresh := newConnection(c, conn)
		victim := c.admit(fresh)
		if victim != nil {
			victim.Close()
		}
		if victim != fresh {
			return fresh, nil
		}
	}
}

// admit adds a connection, and returns the one that has to make room for it.
func (c *crowd) admit(fresh *connection) (victim *connection) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.open == nil {
		c.open = map[*connection]bool{}
	}
	same := 0
	for conn := range c.open {
		if conn.network == fresh.network {
			same++
		}
	}
	c.open[fresh] = true
	switch {
	case same >= maxOfOne:
		return c.leastWanted(fresh, func(conn *connection) bool { return conn.network == fresh.network })
	case len(c.open) > maxConnections:
		return c.leastWanted(fresh, func(*connection) bool { return true })
	}
	return nil
}

// leastWanted returns one of those that may be closed: fresh itself if it is
// the only one.
func (c *crowd) leastWanted(fresh *connection, may func(*connection) bool) *connection {
	victim := fresh
	for conn := range c.open {
		if conn == fresh || conn.busy > 0 || !may(conn) {
			continue
		}
		if victim == fresh || conn.lessWantedThan(victim) {
			victim = conn
		}
	}
	return victim
}

func (conn *connection) lessWantedThan(other *connection) bool {
	if conn.known != other.known {
		return other.known
	}
	return conn.last.Before(other.last)
}

// serving notes that the connection serves a visitor, until done is called.
func (conn *connection) serving() (done func()) {
	conn.crowd.mu.Lock()
	defer conn.crowd.mu.Unlock()
	conn.known = true
	conn.busy++
	return func() {
		conn.crowd.mu.Lock()
		defer conn.crowd.mu.Unlock()
		conn.busy--
		conn.last = time.Now()
	}
}

func (conn *connection) Close() error {
	conn.crowd.mu.Lock()
	delete(conn.crowd.open, conn)
	conn.crowd.mu.Unlock()
	return conn.Conn.Close()
}

func newConnection(c *crowd, conn net.Conn) *connection {
	made := &connection{Conn: conn, crowd: c, uid: -1, last: time.Now()}
	switch conn := conn.(type) {
	case *net.UnixConn:
		made.uid = peerOf(conn)
		made.from = "uid " + strconv.Itoa(made.uid)
		made.network = made.from
	case *net.TCPConn:
		address := conn.RemoteAddr().(*net.TCPAddr).AddrPort().Addr().Unmap().WithZone("")
		made.from, made.network = address.String(), networkOf(address)
	}
	return made
}

func networkOf(address netip.Addr) string {
	if address.Is4() {
		return address.String()
	}
	prefix, _ := address.Prefix(64)
	return prefix.String()
}

// peerOf returns the uid of the process that has connected, -1 if the kernel
// does not tell.
func peerOf(conn *net.UnixConn) int {
	uid := -1
	raw, err := conn.SyscallConn()
	if err != nil {
		return uid
	}
	raw.Control(func(fd uintptr) {
		if peer, err := unix.GetsockoptUcred(int(fd), unix.SOL_SOCKET, unix.SO_PEERCRED); err == nil {
			uid = int(peer.Uid)
		}
	})
	return uid
}

type connectionKey struct{}

// withConnection lets the requests of a connection find it.
func withConnection(ctx context.Context, conn net.Conn) context.Context {
	if secure, ok := conn.(*tls.Conn); ok {
		conn = secure.NetConn()
	}
	return context.WithValue(ctx, connectionKey{}, conn)
}

func connectionOf(r *http.Request) *connection {
	return r.Context().Value(connectionKey{}).(*connection)
}
