package web

import (
	"net"
	"net/http"
	"strings"
)

// hosts are those that requests may be for. A page of somebody else's that has
// the browser look up its own name here, "DNS rebinding", asks for that name.
type hosts struct {
	listener    net.Addr
	certificate *certificate // nil without TLS
}

// has reports whether a request is for one of them.
func (h hosts) has(r *http.Request) bool {
	if h.listener.Network() == "unix" {
		return true // no browser gets here by a name
	}
	host := hostOf(r.Host)
	if h.certificate != nil && h.certificate.isFor(host) {
		return true
	}
	// By its number, which no name can stand for, the address itself is meant.
	if local, ok := r.Context().Value(http.LocalAddrContextKey).(*net.TCPAddr); ok && local.IP.Equal(net.ParseIP(host)) {
		return true
	}
	return h.certificate == nil && (host == "localhost" || host == "127.0.0.1" || host == "::1")
}

// hostOf removes the port, and the brackets of IPv6.
func hostOf(hostport string) string {
	host, _, err := net.SplitHostPort(hostport)
	if err != nil {
		host = strings.TrimSuffix(strings.TrimPrefix(hostport, "["), "]")
	}
	return strings.ToLower(strings.TrimSuffix(host, "."))
}
