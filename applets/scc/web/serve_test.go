package web

import (
	"bufio"
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"syn3d/applets/scc/agent"
)

func TestAddress(t *testing.T) {
	tests := []struct {
		text        string
		unix, local bool
	}{
		{"127.0.0.1:8027", false, true},
		{"127.1.2.3:8027", false, true},
		{"[::1]:8027", false, true},
		{"localhost:8027", false, true},
		{":8027", false, false},
		{"0.0.0.0:8027", false, false},
		{"[::]:8027", false, false},
		{"192.0.2.7:443", false, false},
		{"unix:/run/scc.sock", true, true},
	}
	for _, test := range tests {
		a, err := ParseAddress(test.text)
		if err != nil || a.Unix() != test.unix || a.Local() != test.local {
			t.Errorf("ParseAddress(%s) = %v, %v, %v", test.text, a.Unix(), a.Local(), err)
		}
	}
	for _, text := range []string{"", "unix:", "127.0.0.1", "8027", "127.0.0.1:x", "127.0.0.1:99999"} {
		if _, err := ParseAddress(text); err == nil {
			t.Errorf("ParseAddress(%s) took it", text)
		}
	}
}

func TestUnixSocket(t *testing.T) {
	path := filepath.Join(t.TempDir(), "socket")
	stale, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
	if err != nil {
		t.Fatal(err)
	}
	stale.SetUnlinkOnClose(false)
	stale.Close()

	s := start(t, "unix:"+path, nil)
	info, err := os.Stat(path)
	if err != nil || info.Mode() != os.ModeSocket|0o600 {
		t.Fatalf("%v, %v", info.Mode(), err)
	}
	if _, err := Listen(Address{text: "unix:" + path, path: path}); err == nil {
		t.Error("a socket that is served was taken")
	}
	client := &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "unix", path)
	}}
	r, _ := http.NewRequest("POST", "http://whatever/services/x/start", nil)
	response, err := client.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	body, _ := io.ReadAll(response.Body)
	want := fmt.Sprintf("uid %d admin from uid %[1]d", os.Getuid())
	if !strings.HasPrefix(string(body), want) {
		t.Errorf("%d %s, want %s", response.StatusCode, body, want)
	}
	s.server.Close()
	if _, err := os.Stat(path); err == nil {
		t.Error("the socket is left")
	}
}

func TestUnixSocketSparesFiles(t *testing.T) {
	path := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Listen(Address{text: path, path: path}); err == nil {
		t.Error("it listens where there is a file")
	}
	if _, err := os.Stat(path); err != nil {
		t.Error(err)
	}
}

// TestStreamsEnd has a stream that nothing comes by, and ends the server.
func TestStreamsEnd(t *testing.T) {
	s := start(t, "127.0.0.1:0", nil)
	ended := make(chan struct{})
	s.routes = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.NewResponseController(w).Flush()
		<-r.Context().Done()
		close(ended)
	})
	body := s.open(t, "Bearer "+annasToken)
	s.end()
	<-ended
	if _, err := io.ReadAll(body); err != nil {
		t.Error(err)
	}
}

// TestStreamsEndWithSession logs out while a page is open.
func TestStreamsEndWithSession(t *testing.T) {
	s := start(t, "127.0.0.1:0", nil)
	secret, _ := s.sessions.begin(anna)
	s.routes = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.NewResponseController(w).Flush()
		<-r.Context().Done()
	})
	r, _ := http.NewRequest("GET", s.url, nil)
	r.AddCookie(&http.Cookie{Name: "scc", Value: secret})
	response, err := plainTransport.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	s.sessions.finish(secret)
	io.ReadAll(response.Body)
}

// TestStreamsEndWithAccount takes a token, and an account, away while a page is
// open.
func TestStreamsEndWithAccount(t *testing.T) {
	s := start(t, "127.0.0.1:0", nil, func(s *served) { s.limits.known = time.Millisecond })
	s.routes = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.NewResponseController(w).Flush()
		<-r.Context().Done()
	})
	s.agent.change(agent.Account{Name: "cleo", Role: agent.Viewer})
	body := s.open(t, "Bearer "+cleosToken)
	s.agent.remove("cleo")
	io.ReadAll(body)
}

// TestManyRequests has one account ask for more than it may at once.
func TestManyRequests(t *testing.T) {
	s := start(t, "127.0.0.1:0", nil)
	get := httptest.NewRequest("GET", "/", nil)
	for range maxPresent {
		leave, ok := s.present.enter(get, "anna")
		if !ok {
			t.Fatal("refused too early")
		}
		defer leave()
	}
	for _, test := range []struct {
		method, token string
		want          int
	}{
		{"GET", annasToken, http.StatusTooManyRequests},
		{"POST", annasToken, http.StatusOK},
		{"GET", bertsToken, http.StatusOK},
	} {
		answer, _ := s.do(t, call{method: test.method, path: "/", headers: map[string]string{"Authorization": "Bearer " + test.token}})
		if answer.StatusCode != test.want {
			t.Errorf("%s by %s: %d, want %d", test.method, test.token, answer.StatusCode, test.want)
		}
	}
	var p presence
	leave, _ := p.enter(get, "x")
	if leave(); len(p.count) != 0 {
		t.Errorf("still present: %v", p.count)
	}
}

// open begins a request, and returns its answer, which goes on.
func (s *served) open(t *testing.T, authorization string) io.Reader {
	t.Helper()
	r, _ := http.NewRequest("GET", s.url, nil)
	r.Header.Set("Authorization", authorization)
	response, err := plainTransport.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { response.Body.Close() })
	return response.Body
}

// TestSlowBody has a body that does not come, with a limit that has passed.
func TestSlowBody(t *testing.T) {
	s := start(t, "127.0.0.1:0", nil)
	s.limits.body = 50 * time.Millisecond
	conn := s.connect(t)
	fmt.Fprintf(conn, "POST /login HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\nname=")
	response, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil || response.StatusCode != http.StatusRequestTimeout {
		t.Errorf("%v, %v", response, err)
	}
}

// TestSlowReader has an answer that is not taken.
func TestSlowReader(t *testing.T) {
	s := start(t, "127.0.0.1:0", nil)
	s.limits.piece = 50 * time.Millisecond
	failed := make(chan error)
	s.routes = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		for {
			if _, err := w.Write(make([]byte, 64<<10)); err != nil {
				failed <- err
				return
			}
		}
	})
	fmt.Fprintf(s.connect(t), "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
	<-failed
}

// TestSlowStream has a stream that pauses for longer than a piece may take.
func TestSlowStream(t *testing.T) {
	for name, certificate := range map[string]func() ([]byte, error){"plain": nil, "HTTP/2": pair(t)} {
		s := start(t, "127.0.0.1:0", certificate)
		s.limits.piece = 250 * time.Millisecond
		s.routes = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			for range 2 {
				w.Write([]byte("x"))
				http.NewResponseController(w).Flush()
				<-time.After(2 * s.limits.piece)
			}
		})
		client := &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, ForceAttemptHTTP2: true}
		r, _ := http.NewRequest("GET", s.url+"/healthz", nil)
		response, err := client.RoundTrip(r)
		if err != nil {
			t.Fatal(err)
		}
		if body, err := io.ReadAll(response.Body); string(body) != "xx" || err != nil {
			t.Errorf("%s: %q, %v", name, body, err)
		}
		client.CloseIdleConnections()
	}
}

// TestSlowHeaders has headers that do not come.
func TestSlowHeaders(t *testing.T) {
	s := start(t, "127.0.0.1:0", nil, func(s *served) {
		if s.server.ReadHeaderTimeout != headerLimit {
			t.Error("there is no limit")
		}
		s.server.ReadHeaderTimeout = 50 * time.Millisecond
	})
	conn := s.connect(t)
	fmt.Fprintf(conn, "GET / HTTP/1.1\r\n")
	io.ReadAll(conn)
}

func (s *served) connect(t *testing.T) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(s.url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return conn
}

// pair returns a certificate.
func pair(t *testing.T) func() ([]byte, error) {
	dir := t.TempDir()
	cert, key := filepath.Join(dir, "scc.crt"), filepath.Join(dir, "scc.key")
	if err := MakeCertificate(cert, key); err != nil {
		t.Fatal(err)
	}
	return PairFrom(cert, key)
}

func TestOurTroubles(t *testing.T) {
	s := start(t, "127.0.0.1:0", nil)
	s.routes = http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("oh") })
	conn := s.connect(t)
	fmt.Fprintf(conn, "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
	io.ReadAll(conn)
	eventually(t, "a panic is logged", func() bool {
		return strings.HasPrefix(s.logged.String(), "scc: warning: http: panic serving 127.0.0.1:")
	})
}
