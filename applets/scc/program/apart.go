package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"runtime"
	"strconv"
	"syscall"
	"time"

	"syn3d/applets/scc/agent"
	"syn3d/applets/scc/web"

	"golang.org/x/sys/unix"
)

// The pages can be served by a process that has no rights. It is started with
// two descriptors: the socket to listen at, and a channel.
//
//	scc, root ◄───── channel: a byte, and one end of a connection ───── scc: web
//	    └───────────── on that connection: a call of the agent ────────────┘
//
// Each ends when the other one has closed its end of the channel.
const (
	webName    = "scc: web"
	listenerFd = 3
	channelFd  = 4
)

// What a connection is for.
const (
	forCall        = 'a' // the agent answers on it
	forCertificate = 'c' // the certificate and its key come by it
)

// orders are what the process apart has to know.
type orders struct {
	Secure bool // use TLS
	Owner  int  // see web.Config
}

// serveAs has the pages served by a process of an account.
func (p pages) serveAs(ctx context.Context, account string) error {
	credential, err := credentialOf(account)
	if err != nil {
		return err
	}
	ours, theirs, err := newChannel()
	if err != nil {
		return fmt.Errorf("unable to create a socket: %w", err)
	}
	defer ours.Close()
	served := make(chan struct{})
	go func() { // until the other end of the channel is closed
		defer close(served)
		p.answer(ours)
	}()
	err = p.start(ctx, credential, theirs)
	ours.Close()
	<-served
	if ctx.Err() != nil {
		return nil
	}
	return fmt.Errorf("the process for the pages has ended: %w", err)
}

// start runs the process until it ends. Within some seconds after ctx is done
// it does.
func (p pages) start(ctx context.Context, credential *syscall.Credential, channel *os.File) error {
	defer channel.Close()
	listener, err := p.listener.(interface{ File() (*os.File, error) }).File()
	if err != nil {
		return err
	}
	defer listener.Close()
	text, err := json.Marshal(orders{Secure: p.certificate != nil, Owner: os.Geteuid()})
	if err != nil {
		return err
	}
	c := exec.CommandContext(ctx, "/proc/self/exe")
	c.Args = []string{webName, string(text)}
	c.Dir = "/"
	c.Env = []string{} // not nil, which would mean all of ours
	if zone, ok := os.LookupEnv("TZ"); ok {
		c.Env = append(c.Env, "TZ="+zone)
	}
	c.Stderr = os.Stderr
	c.ExtraFiles = []*os.File{listener, channel}
	c.SysProcAttr = &syscall.SysProcAttr{Credential: credential}
	c.Cancel = func() error { return c.Process.Signal(unix.SIGTERM) }
	c.WaitDelay = 10 * time.Second
	if err := startWithoutPrivileges(c); err != nil {
		return err
	}
	// Who has the channel keeps it open: only the process may.
	channel.Close()
	if err := c.Wait(); err != nil {
		return err
	}
	return errors.New("exit status 0")
}

// startWithoutPrivileges starts a process that can never get more rights than
// it has, not even from a set-user-id program. That is said of a thread, and its
// children inherit it; the thread ends here, so that nothing else does.
func startWithoutPrivileges(c *exec.Cmd) error {
	started := make(chan error)
	go func() { // ends at once, and the thread with it
		runtime.LockOSThread()
		if unix.Gettid() == unix.Getpid() {
			// The first thread cannot end. While it is ours, another one is taken.
			started <- startWithoutPrivileges(c)
			runtime.UnlockOSThread()
			return
		}
		err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
		if err == nil {
			err = c.Start()
		}
		started <- err
	}()
	return <-started
}

// credentialOf returns the ids of an account, which must not be root's. The other
// groups that it is in are left out: one could be that of the disks.
func credentialOf(name string) (*syscall.Credential, error) {
	account, err := user.Lookup(name)
	if err != nil {
		return nil, misuse{fmt.Errorf("unknown account %s", name)}
	}
	c := &syscall.Credential{Uid: number(account.Uid), Gid: number(account.Gid)}
	if c.Uid == 0 {
		return nil, misuse{fmt.Errorf("--user %s: this is root", name)}
	}
	return c, nil
}

func number(id string) uint32 {
	n, _ := strconv.ParseUint(id, 10, 32)
	return uint32(n)
}

// serveApart is the process that serves the pages.
func serveApart(text string) error {
	var o orders
	if err := json.Unmarshal([]byte(text), &o); err != nil {
		return err
	}
	// It has sessions and the key: other processes of the account must not look
	// into it.
	if err := unix.Prctl(unix.PR_SET_DUMPABLE, 0, 0, 0, 0); err != nil {
		return err
	}
	listener, err := net.FileListener(os.NewFile(listenerFd, "listener"))
	if err != nil {
		return err
	}
	channel, err := newDialer(os.NewFile(channelFd, "channel"))
	if err != nil {
		return err
	}
	ctx, stop := untilTold()
	defer stop()
	go func() { // until the agent's end is closed, or the process ends
		channel.waitForEnd()
		stop()
	}()
	c := web.Config{Listener: listener, Owner: o.Owner, Log: newLog()}
	if o.Secure {
		c.Certificate = channel.certificate
	}
	return web.Serve(ctx, c, &agent.Client{Dial: channel.dialAgent})
}
