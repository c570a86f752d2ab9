package web

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"syn3d/applets/scc/agent"
)

// The accounts that the fake agent knows, and what they are known by.
var (
	anna = agent.Account{Name: "anna", Role: agent.Admin, Stamp: "1"}
	bert = agent.Account{Name: "bert", Role: agent.Viewer, Stamp: "1"}
)

const (
	annasPassword = "correct horse"
	annasToken    = "token of anna"
	bertsToken    = "token of bert"
	cleosToken    = "token of cleo" // who has an account if a test gives her one
)

// A served site is one that really listens. Its routes tell who the visitor is.
type served struct {
	*guard
	server *http.Server
	crowd  *crowd
	end    context.CancelFunc
	url    string
	logged *lockedBuffer
	agent  *fakeAgent
}

// start serves at an address until the test ends, once all is prepared.
func start(t *testing.T, text string, certificate func() ([]byte, error), prepare ...func(*served)) *served {
	t.Helper()
	address, err := ParseAddress(text)
	if err != nil {
		t.Fatal(err)
	}
	listener, err := Listen(address)
	if err != nil {
		t.Fatal(err)
	}
	logged, fake := &lockedBuffer{}, &fakeAgent{accounts: map[string]agent.Account{"anna": anna}}
	ctx, end := context.WithCancel(context.Background())
	server, err := newServer(ctx, Config{Listener: listener, Certificate: certificate, Owner: os.Geteuid(),
		Log: log.New(logged, "scc: ", 0)}, &site{agent: &agent.Client{Dial: fake.dial}})
	if err != nil {
		t.Fatal(err)
	}
	s := &served{guard: server.Handler.(*guard), server: server, crowd: &crowd{Listener: listener}, end: end, logged: logged, agent: fake}
	s.routes = http.HandlerFunc(tellVisitor)
	s.url = "http://" + listener.Addr().String()
	if certificate != nil {
		s.url = "https://" + listener.Addr().String()
	}
	for _, prepare := range prepare {
		prepare(s)
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		serve(server, s.crowd)
	}()
	t.Cleanup(func() {
		end()
		server.Close()
		<-ended
	})
	return s
}

func tellVisitor(w http.ResponseWriter, r *http.Request) {
	v := visitorOf(r)
	body, _ := io.ReadAll(r.Body)
	fmt.Fprintf(w, "%s %s from %s sent %q", v.Name, v.Role, v.From, body)
}

// A call is a request in a test.
type call struct {
	method, path, body string
	host               string
	headers            map[string]string
	session            string
}

// do makes a request on a connection of its own, and follows nothing.
func (s *served) do(t *testing.T, c call) (*http.Response, string) {
	t.Helper()
	r, err := http.NewRequest(c.method, s.url+c.path, strings.NewReader(c.body))
	if err != nil {
		t.Fatal(err)
	}
	r.Host = c.host
	r.Close = true
	if c.body != "" {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for name, value := range c.headers {
		r.Header.Set(name, value)
	}
	if c.session != "" {
		r.AddCookie(&http.Cookie{Name: s.cookieName(), Value: c.session})
	}
	response, err := plainTransport.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response, string(body)
}

var plainTransport = &http.Transport{DisableKeepAlives: true, TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}

func (s *served) logIn(t *testing.T, name, password, next string) *http.Response {
	t.Helper()
	form := url.Values{"name": {name}, "password": {password}, "next": {next}}
	response, _ := s.do(t, call{method: "POST", path: "/login", body: form.Encode()})
	return response
}

// A fakeAgent knows accounts, and counts how many logins it checks at once.
type fakeAgent struct {
	mu       sync.Mutex
	accounts map[string]agent.Account
	checking chan struct{} // if there is one, a login sends to it, and waits for release
	release  chan struct{}
}

func (f *fakeAgent) dial(context.Context) (net.Conn, error) {
	ours, theirs := net.Pipe()
	go f.serve(theirs) // answers one call
	return ours, nil
}

func (f *fakeAgent) serve(conn net.Conn) {
	defer conn.Close()
	var request struct{ Call, Name, Secret string }
	if json.NewDecoder(conn).Decode(&request) != nil {
		return
	}
	account := f.find(request.Call, request.Name, request.Secret)
	out := json.NewEncoder(conn)
	if account.Name == "" {
		out.Encode(map[string]any{"end": true, "error": agent.ErrRefused.Error()})
		return
	}
	out.Encode(map[string]any{"value": account})
	out.Encode(map[string]any{"end": true})
}

func (f *fakeAgent) find(call, name, secret string) (found agent.Account) {
	if call == "login" && f.checking != nil {
		f.checking <- struct{}{}
		<-f.release
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	switch account := f.accounts[name]; {
	case call == "login" && name == "anna" && secret == annasPassword:
		return account
	case call == "account" && account.Stamp == secret:
		return account
	case call == "token" && secret == annasToken:
		return anna
	case call == "token" && secret == bertsToken:
		return bert
	case call == "token" && secret == cleosToken:
		return f.accounts["cleo"]
	}
	return agent.Account{}
}

// change makes an account another one.
func (f *fakeAgent) change(account agent.Account) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.accounts[account.Name] = account
}

// remove takes an account away.
func (f *fakeAgent) remove(name string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.accounts, name)
}

// A lockedBuffer is a log that is read while it is written.
type lockedBuffer struct {
	mu     sync.Mutex
	buffer bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buffer.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buffer.String()
}

// eventually waits until something has become true.
func eventually(t *testing.T, what string, is func() bool) {
	t.Helper()
	for range 1000 {
		if is() {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatalf("still not so: %s", what)
}
