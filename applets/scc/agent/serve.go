package agent

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"time"
)

// maxRequest is more than any request needs, in bytes.
const maxRequest = 64 << 10

// Serve answers the call that comes by conn, and closes it.
func (a *Agent) Serve(ctx context.Context, conn net.Conn) {
	defer conn.Close()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var r request
	in := bufio.NewReader(io.LimitReader(conn, maxRequest))
	if err := json.NewDecoder(in).Decode(&r); err != nil {
		return
	}
	go func() { // until conn is closed, here or there
		conn.Read(make([]byte, 1))
		cancel()
	}()
	stop := context.AfterFunc(ctx, func() { conn.Close() })
	defer stop()
	out := &teller{conn, json.NewEncoder(conn)}
	out.end(a.answer(ctx, r, out))
}

// answer carries out a request and tells what there is to tell.
func (a *Agent) answer(ctx context.Context, r request, out *teller) error {
	switch r.Call {
	case callServices, callServicesUsage:
		return out.tell(a.services(r.Call == callServicesUsage))
	case callWatch:
		return a.watch(ctx, out)
	case callLogin:
		return out.found(a.accounts.login(r.Name, r.Secret))
	case callAccount:
		return out.found(a.accounts.stamped(r.Name, r.Secret))
	case callToken:
		return out.found(a.accounts.token(r.Secret))
	}
	dir, err := a.tree.dir(r.Service)
	if err != nil {
		return err
	}
	switch r.Call {
	case callService:
		return out.tell(a.service(r.Service))
	case callAct:
		return a.act(r, dir, out)
	case callFiles:
		return out.tell(a.files(r.Service, dir))
	case callLog:
		if r.Log == nil {
			return errUnknownCall
		}
		return a.logs.read(ctx, dir, *r.Log, func(part LogPart) error { return out.tell(part) })
	}
	return errUnknownCall
}

var errUnknownCall = errors.New("the agent does not know this call: is it of another release?")

// A teller writes answers.
type teller struct {
	conn  net.Conn
	lines *json.Encoder
}

// within limits how long it may take until what is told next has been taken.
func (t *teller) within(limit time.Duration) { t.conn.SetWriteDeadline(time.Now().Add(limit)) }

func (t *teller) tell(value any) error {
	text, err := json.Marshal(value)
	if err != nil {
		return err
	}
	return t.lines.Encode(answer{Value: text})
}

// found tells of an account, if there is one.
func (t *teller) found(account Account, err error) error {
	if err != nil {
		return err
	}
	return t.tell(account)
}

func (t *teller) end(err error) {
	a := answer{End: true}
	if err != nil {
		a.Error = err.Error()
	}
	t.lines.Encode(a)
}
