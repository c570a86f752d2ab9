package agent

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
)

// A Client asks an agent. Its calls fail with ErrNoService, ErrNoFile or
// ErrRefused if the request is the reason.
type Client struct {
	// Dial connects to the agent.
	Dial func(ctx context.Context) (net.Conn, error)
}

var (
	ErrNoService = errors.New("there is no such service")
	ErrNoFile    = errors.New("there is no such file")
	ErrRefused   = errors.New("wrong name or password")
)

// The calls.
const (
	callServices      = "services"
	callServicesUsage = "services+usage"
	callService       = "service"
	callWatch         = "watch"
	callAct           = "act"
	callFiles         = "files"
	callLog           = "log"
	callLogin         = "login"
	callToken         = "token"
	callAccount       = "account"
)

// A request is the first line of a call.
type request struct {
	Call    string    `json:"call"`
	Service string    `json:"service,omitempty"`
	Action  Action    `json:"action,omitempty"`
	By      string    `json:"by,omitempty"` // "anna from 192.0.2.7"
	Log     *LogQuery `json:"log,omitempty"`
	Name    string    `json:"name,omitempty"`
	Secret  string    `json:"secret,omitempty"`
}

// An answer is what follows: something, or the end.
type answer struct {
	Value json.RawMessage `json:"value,omitempty"`
	End   bool            `json:"end,omitempty"`
	Error string          `json:"error,omitempty"` // why it is the end
}

// Services returns all services, in the order of their names. With usage, it
// finds out what they use, which takes some time.
func (c *Client) Services(ctx context.Context, usage bool) (services []Service, err error) {
	name := callServices
	if usage {
		name = callServicesUsage
	}
	return services, call(ctx, c, request{Call: name}, func(s []Service) error {
		services = s
		return nil
	})
}

// Service returns one, with what it uses.
func (c *Client) Service(ctx context.Context, name string) (s Service, err error) {
	return s, call(ctx, c, request{Call: callService, Service: name}, func(found Service) error {
		s = found
		return nil
	})
}

// Watch tells of all services, and then of their changes until ctx is done or
// tell fails. Every now and then it tells of what they use.
func (c *Client) Watch(ctx context.Context, tell func(Event) error) error {
	return call(ctx, c, request{Call: callWatch}, tell)
}

// Act does something to a service, for somebody, and tells how it goes. If ctx
// is done, or tell fails, it is done all the same, and nobody is told.
func (c *Client) Act(ctx context.Context, name string, action Action, by string, tell func(Progress) error) error {
	return call(ctx, c, request{Call: callAct, Service: name, Action: action, By: by}, tell)
}

// Files returns what there is to read of a service.
func (c *Client) Files(ctx context.Context, name string) (files Files, err error) {
	return files, call(ctx, c, request{Call: callFiles, Service: name}, func(found Files) error {
		files = found
		return nil
	})
}

// Log tells lines of a log: one part, and more as they come if the query says
// to follow.
func (c *Client) Log(ctx context.Context, name string, query LogQuery, tell func(LogPart) error) error {
	return call(ctx, c, request{Call: callLog, Service: name, Log: &query}, tell)
}

// Login returns the account of that name and password.
func (c *Client) Login(ctx context.Context, name, password string) (a Account, err error) {
	return a, call(ctx, c, request{Call: callLogin, Name: name, Secret: password}, func(found Account) error {
		a = found
		return nil
	})
}

// Token returns the account of a token, with which programs come.
func (c *Client) Token(ctx context.Context, token string) (a Account, err error) {
	return a, call(ctx, c, request{Call: callToken, Secret: token}, func(found Account) error {
		a = found
		return nil
	})
}

// Account returns the account of that name, if its password is still the one
// with the stamp.
func (c *Client) Account(ctx context.Context, name, stamp string) (a Account, err error) {
	return a, call(ctx, c, request{Call: callAccount, Name: name, Secret: stamp}, func(found Account) error {
		a = found
		return nil
	})
}

// call makes a call and hands on what the agent tells. It ends with the agent's
// error, with that of tell, or with that of ctx.
func call[T any](ctx context.Context, c *Client, r request, tell func(T) error) error {
	conn, err := c.Dial(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	defer context.AfterFunc(ctx, func() { conn.Close() })()
	err = exchange(conn, r, tell)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return err
}

func exchange[T any](conn net.Conn, r request, tell func(T) error) error {
	if err := json.NewEncoder(conn).Encode(r); err != nil {
		return err
	}
	answers := json.NewDecoder(bufio.NewReader(conn))
	for {
		var a answer
		if err := answers.Decode(&a); err != nil {
			if errors.Is(err, io.EOF) {
				err = io.ErrUnexpectedEOF
			}
			return err
		}
		if a.End {
			return errorOf(a.Error)
		}
		var value T
		if err := json.Unmarshal(a.Value, &value); err != nil {
			return err
		}
		if err := tell(value); err != nil {
			return err
		}
	}
}

// errorOf returns the error of these words: one of those above if they are its.
func errorOf(text string) error {
	if text == "" {
		return nil
	}
	for _, known := range []error{ErrNoService, ErrNoFile, ErrRefused} {
		if text == known.Error() {
			return known
		}
	}
	return errors.New(text)
}
