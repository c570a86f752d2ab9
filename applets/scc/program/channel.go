package main

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// maxCalls is how many calls there may be at once. More have to wait.
const maxCalls = 1024

// newChannel makes the channel. Ours is the agent's end.
func newChannel() (ours *net.UnixConn, theirs *os.File, err error) {
	fds, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_SEQPACKET|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, nil, err
	}
	ours, err = connOf(fds[0])
	theirs = os.NewFile(uintptr(fds[1]), "channel")
	if err != nil {
		theirs.Close()
	}
	return ours, theirs, err
}

// connOf makes a connection of a descriptor, which is closed in any case.
func connOf(fd int) (*net.UnixConn, error) {
	file := os.NewFile(uintptr(fd), "socket")
	defer file.Close()
	conn, err := net.FileConn(file)
	if err != nil {
		return nil, err
	}
	if unixConn, ok := conn.(*net.UnixConn); ok {
		return unixConn, nil
	}
	conn.Close()
	return nil, errors.New("not a unix socket")
}

// answer gives the process apart what it asks for, until it ends.
func (p pages) answer(channel *net.UnixConn) {
	calls := make(chan struct{}, maxCalls)
	for {
		purpose, conn, err := receive(channel)
		if err != nil {
			return
		}
		if conn == nil {
			continue
		}
		calls <- struct{}{}
		go func() { // until either end of conn is closed
			defer func() { <-calls }()
			p.answerOne(purpose, conn)
		}()
	}
}

func (p pages) answerOne(purpose byte, conn net.Conn) {
	defer conn.Close()
	switch purpose {
	case forCall:
		p.call(conn)
	case forCertificate:
		conn.SetDeadline(time.Now().Add(10 * time.Second))
		if p.certificate == nil {
			return
		}
		pair, err := p.certificate()
		if err != nil {
			p.log.Printf("warning: %v", err)
		}
		conn.Write(pair)
	}
}

// receive takes a connection and what it is for from the channel: nil if what
// came is none.
func receive(channel *net.UnixConn) (purpose byte, conn *net.UnixConn, err error) {
	purposes, control := make([]byte, 1), make([]byte, unix.CmsgSpace(4))
	n, controlSize, _, _, err := channel.ReadMsgUnix(purposes, control)
	if err == nil && n == 0 && controlSize == 0 {
		err = io.EOF
	}
	if err != nil {
		return 0, nil, err
	}
	messages, _ := unix.ParseSocketControlMessage(control[:controlSize])
	for _, message := range messages {
		fds, _ := unix.ParseUnixRights(&message)
		for _, fd := range fds {
			if conn != nil {
				conn.Close() // only one is meant to come
			}
			conn, _ = connOf(fd)
		}
	}
	return purposes[0], conn, nil
}

// A dialer is the other end of the channel.
type dialer struct{ channel *net.UnixConn }

func newDialer(channel *os.File) (dialer, error) {
	defer channel.Close()
	conn, err := net.FileConn(channel)
	if err != nil {
		return dialer{}, err
	}
	return dialer{conn.(*net.UnixConn)}, nil
}

// dial makes a connection for a purpose.
func (d dialer) dial(purpose byte) (net.Conn, error) {
	fds, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, err
	}
	defer unix.Close(fds[1])
	conn, err := connOf(fds[0])
	if err != nil {
		return nil, err
	}
	if _, _, err := d.channel.WriteMsgUnix([]byte{purpose}, unix.UnixRights(fds[1]), nil); err != nil {
		conn.Close()
		return nil, err
	}
	return conn, nil
}

func (d dialer) dialAgent(context.Context) (net.Conn, error) { return d.dial(forCall) }

// certificate asks for the certificate and its key.
func (d dialer) certificate() ([]byte, error) {
	conn, err := d.dial(forCertificate)
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(10 * time.Second))
	pair, err := io.ReadAll(conn)
	if err == nil && len(pair) == 0 {
		err = errors.New("there is no certificate")
	}
	return pair, err
}

// waitForEnd returns when the agent's end of the channel is closed: nothing
// else ever comes from there.
func (d dialer) waitForEnd() { d.channel.Read(make([]byte, 1)) }
