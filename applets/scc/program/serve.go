package main

import (
	"context"
	"errors"
	"fmt"
	"log"
	"net"
	"os"
	"os/signal"
	"path/filepath"

	"syn3d/applets/scc/agent"
	"syn3d/applets/scc/web"
	"syn3d/applets/service"
	"syn3d/applets/syn3state"
	"syn3d/protocol"

	"golang.org/x/sys/unix"
)

// options are those of the command line.
type options struct {
	listen, user, cert, key, passwd string
	scan                            string // the scan directory
}

// serve serves until it is told to end.
func serve(o options) error {
	address, err := o.check()
	if err != nil {
		return err
	}
	if err := protocol.CheckDir(o.scan); err != nil {
		return &protocol.Error{What: "unable to chdir to " + o.scan, Err: err}
	}
	certificate, err := o.certificate(address)
	if err != nil {
		return err
	}
	listener, err := web.Listen(address)
	if err != nil {
		return err
	}
	defer listener.Close()

	ctx, stop := untilTold()
	defer stop()
	// The agent is there for as long as anybody may ask it.
	working, finish := context.WithCancel(context.Background())
	a := agent.New(working, agent.Config{Scan: o.scan, Passwd: o.passwd, States: syn3state.System()})
	defer func() {
		finish()
		a.Wait()
	}()
	pages := pages{
		listener:    listener,
		certificate: certificate,
		call:        func(conn net.Conn) { a.Serve(working, conn) },
		log:         newLog(),
	}
	pages.log.Printf("serving %s at %s", service.Show(o.scan), pages.where())
	if o.user != "" {
		return pages.serveAs(ctx, o.user)
	}
	return pages.serveHere(ctx)
}

// check returns where to listen, unless that must not be, or cannot.
func (o options) check() (web.Address, error) {
	address, err := web.ParseAddress(o.listen)
	switch {
	case err != nil:
		return address, misuse{fmt.Errorf("--listen %s: %w", o.listen, err)}
	case (o.cert == "") != (o.key == ""):
		return address, misuse{errors.New("--cert and --key are for each other")}
	case address.Unix():
		return address, nil
	}
	if err := agent.CheckAccounts(o.passwd); err != nil {
		return address, fmt.Errorf("%w: at %s everybody has to log in. Make a password by: scc passwd NAME. "+
			"Or serve root of this machine only: --listen unix:/run/scc.sock", err, address)
	}
	return address, nil
}

// certificate returns what loads the one to use, nil to do without TLS, as only
// this machine itself may.
func (o options) certificate(address web.Address) (func() ([]byte, error), error) {
	if o.cert != "" {
		return web.PairFrom(o.cert, o.key), nil
	}
	if address.Local() {
		return nil, nil
	}
	dir := filepath.Dir(o.passwd)
	cert, key := filepath.Join(dir, "scc.crt"), filepath.Join(dir, "scc.key")
	return web.PairFrom(cert, key), web.MakeCertificate(cert, key)
}

// pages are what is to be served.
type pages struct {
	listener    net.Listener
	certificate func() ([]byte, error)
	call        func(net.Conn) // answers a call of the agent
	log         *log.Logger
}

// where tells with what to begin in a browser.
func (p pages) where() string {
	scheme := "http"
	if p.certificate != nil {
		scheme = "https"
	}
	if address := p.listener.Addr(); address.Network() == "tcp" {
		return scheme + "://" + address.String() + "/"
	}
	return "unix:" + p.listener.Addr().String()
}

// serveHere serves them in this process.
func (p pages) serveHere(ctx context.Context) error {
	client := &agent.Client{Dial: func(context.Context) (net.Conn, error) {
		ours, theirs := net.Pipe()
		go p.call(theirs) // until either end is closed
		return ours, nil
	}}
	return web.Serve(ctx, web.Config{
		Listener: p.listener, Certificate: p.certificate, Owner: os.Geteuid(), Log: p.log,
	}, client)
}

// untilTold returns a context that is done when the process is told to end. It
// does not end because nobody reads what it prints.
func untilTold() (context.Context, context.CancelFunc) {
	service.OutliveReaders()
	return signal.NotifyContext(context.Background(), unix.SIGTERM, unix.SIGINT)
}

func newLog() *log.Logger { return log.New(os.Stderr, "scc: ", 0) }
