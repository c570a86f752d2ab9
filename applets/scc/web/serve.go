package web

import (
	"bytes"
	"context"
	"io"
	"log"
	"net"
	"net/http"
	"time"

	"syn3d/applets/scc/agent"
)

// How long a client may take. One that is slower is cut off; what the limits
// for bodies and answers are, pace.go knows.
const (
	headerLimit = 10 * time.Second
	idleLimit   = time.Minute
	endLimit    = 5 * time.Second // for what is being done when we have to end
)

// Config is where and how to serve.
type Config struct {
	// Listener is from Listen, or what another process has handed on of it.
	Listener net.Listener

	// Certificate returns certificates and their key, in PEM. It is asked again
	// as time goes by, so that they can be replaced. nil: serve without TLS.
	Certificate func() ([]byte, error)

	// Owner is the uid that may do everything by a unix socket, as root may.
	Owner int

	Log *log.Logger
}

// Serve serves the control centre until ctx is done. Then, streams end at once,
// and actions have a few seconds.
func Serve(ctx context.Context, c Config, a *agent.Client) error {
	server, err := newServer(ctx, c, &site{agent: a})
	if err != nil {
		return err
	}
	ended := make(chan error, 1)
	go func() { ended <- serve(server, &crowd{Listener: c.Listener}) }() // ends with the server
	select {
	case err := <-ended:
		return err
	case <-ctx.Done():
	}
	limited, cancel := context.WithTimeout(context.WithoutCancel(ctx), endLimit)
	defer cancel()
	if server.Shutdown(limited) != nil {
		server.Close()
	}
	return nil
}

func newServer(ending context.Context, c Config, s *site) (*http.Server, error) {
	server := &http.Server{
		ReadHeaderTimeout: headerLimit,
		IdleTimeout:       idleLimit,
		MaxHeaderBytes:    16 << 10,
		ErrorLog:          log.New(ourTroubles{c.Log.Writer()}, c.Log.Prefix()+"warning: ", 0),
		ConnContext:       withConnection,
		HTTP2: &http.HTTP2Config{
			MaxConcurrentStreams:          50,
			MaxReceiveBufferPerConnection: 64 << 10,
			MaxReceiveBufferPerStream:     bodyLimit,
			WriteByteTimeout:              usualLimits.piece,
		},
	}
	hosts, err := newHosts(c, server)
	server.Handler = newGuard(ending, s, hosts, c)
	return server, err
}

func serve(server *http.Server, listener net.Listener) error {
	if server.TLSConfig != nil {
		return server.ServeTLS(listener, "", "")
	}
	return server.Serve(listener)
}

// newHosts returns the hosts that requests may be for, which with TLS are those
// of the certificate, and prepares the server for that.
func newHosts(c Config, server *http.Server) (hosts, error) {
	if c.Certificate == nil {
		return hosts{listener: c.Listener.Addr()}, nil
	}
	certificate := &certificate{load: c.Certificate, log: c.Log}
	if err := certificate.renew(time.Now()); err != nil {
		return hosts{}, err
	}
	c.Log.Printf("the SHA-256 fingerprint of the certificate is %s", certificate.fingerprint())
	server.TLSConfig = certificate.config()
	return hosts{listener: c.Listener.Addr(), certificate: certificate}, nil
}

// ourTroubles are what the log is told of all that package http has to say. The
// rest is about what clients do, which a thousand of them could fill the log
// with, and browsers break off wherever they doubt a certificate.
type ourTroubles struct{ io.Writer }

func (o ourTroubles) Write(line []byte) (int, error) {
	for _, trouble := range []string{": panic serving ", "http: Accept error"} {
		if bytes.Contains(line, []byte(trouble)) {
			return o.Writer.Write(line)
		}
	}
	return len(line), nil
}
