package web

import (
	"context"
	"net/http"
	"strings"
	"sync"
	"testing"
)

func TestLogin(t *testing.T) {
	s := start(t, "127.0.0.1:0", nil)
	response := s.logIn(t, "anna", annasPassword, "/services/x")
	if got := response.Header.Get("Location"); response.StatusCode != 303 || got != "/services/x" {
		t.Fatalf("login: %d to %q", response.StatusCode, got)
	}
	cookie := response.Cookies()[0]
	if cookie.Name != "scc" || !cookie.HttpOnly || cookie.Secure || cookie.SameSite != http.SameSiteStrictMode ||
		cookie.Path != "/" || cookie.Domain != "" || cookie.MaxAge != 0 || len(cookie.Value) < 43 {
		t.Errorf("the cookie is %+v", cookie)
	}
	secret := cookie.Value
	if _, body := s.do(t, call{method: "GET", path: "/", session: secret}); !strings.HasPrefix(body, "anna admin from 127.0.0.1") {
		t.Errorf("then: %q", body)
	}
	response, _ = s.do(t, call{method: "GET", path: "/login?next=/x", session: secret})
	if got := response.Header.Get("Location"); got != "/x" {
		t.Errorf("the form leads who has logged in to %q", got)
	}
	if want := `scc: "anna" logged in from 127.0.0.1`; !strings.Contains(s.logged.String(), want) {
		t.Errorf("the log is %q", s.logged)
	}
}

func TestLoginBeginsAnotherSession(t *testing.T) {
	s := start(t, "127.0.0.1:0", nil)
	before, _ := s.sessions.begin(bert)
	response, _ := s.do(t, call{method: "POST", path: "/login", session: before,
		body: "name=anna&password=" + strings.ReplaceAll(annasPassword, " ", "+")})
	if response.StatusCode != 303 || response.Cookies()[0].Value == before {
		t.Fatalf("login: %d, %v", response.StatusCode, response.Cookies())
	}
	if response, _ := s.do(t, call{method: "GET", path: "/", session: before}); response.StatusCode != 401 {
		t.Errorf("the session before: %d", response.StatusCode)
	}
}

func TestLoginRefused(t *testing.T) {
	s := start(t, "127.0.0.1:0", nil)
	for _, name := range []string{"anna", "", "x\n\x1b[2Jy", strings.Repeat("é", 100)} {
		s.throttle.succeeded("127.0.0.1")
		response := s.logIn(t, name, "wrong", "/")
		if response.StatusCode != 401 || len(response.Cookies()) != 0 {
			t.Errorf("login as %q: %d", name, response.StatusCode)
		}
	}
	logged := s.logged.String()
	for _, want := range []string{`login as "anna" from 127.0.0.1 refused`, `login as "x\n\x1b[2Jy" from`} {
		if !strings.Contains(logged, want) {
			t.Errorf("the log is %q, want %q", logged, want)
		}
	}
	if strings.Count(logged, "\n") != 4 || strings.Contains(logged, "wrong") || len(logged) > 1000 {
		t.Errorf("the log is %q", logged)
	}
}

func TestLoginSlowed(t *testing.T) {
	s := start(t, "127.0.0.1:0", nil)
	for range freeAttempts {
		s.logIn(t, "anna", "wrong", "/")
	}
	response := s.logIn(t, "anna", annasPassword, "/")
	if response.StatusCode != 429 || response.Header.Get("Retry-After") != "1" {
		t.Errorf("login: %d, retry after %s", response.StatusCode, response.Header.Get("Retry-After"))
	}
	s.logIn(t, "anna", annasPassword, "/")
	if got := strings.Count(s.logged.String(), "too many attempts"); got != 1 {
		t.Errorf("said %d times", got)
	}
}

// TestLoginFlood has more come than may wait. Pages are there all the same.
func TestLoginFlood(t *testing.T) {
	s := start(t, "127.0.0.1:0", nil)
	s.agent.checking, s.agent.release = make(chan struct{}, 100), make(chan struct{})
	var waiting sync.WaitGroup
	gone, leave := context.WithCancel(t.Context())
	waiting.Go(func() { s.checkInTurn(gone, "anna", annasPassword) })
	eventually(t, "one is checked", func() bool { return len(s.agent.checking) == 1 })
	for range maxChecks - 1 {
		waiting.Go(func() { s.checkInTurn(t.Context(), "anna", annasPassword) })
	}
	eventually(t, "the queue is full", func() bool { return len(s.checks.line) == maxChecks })
	leave()
	if response := s.logIn(t, "anna", annasPassword, "/"); response.StatusCode != 429 {
		t.Errorf("one more: %d", response.StatusCode)
	}
	if got := s.throttle.attempts["127.0.0.1"].failed; got != 0 {
		t.Errorf("which counts as %d failures", got)
	}
	if len(s.agent.checking) != 1 {
		t.Errorf("%d are checked at once", len(s.agent.checking))
	}
	if response, _ := s.do(t, call{method: "GET", path: "/healthz"}); response.StatusCode != 200 {
		t.Errorf("a page: %d", response.StatusCode)
	}
	close(s.agent.release)
	waiting.Wait()
}

func TestLogout(t *testing.T) {
	s := start(t, "127.0.0.1:0", nil)
	secret, session := s.sessions.begin(bert)
	s.agent.change(bert)
	for _, test := range []struct {
		method, body string
		want         int
	}{
		{"GET", "", 405},
		{"POST", "", 403},
		{"POST", "csrf=" + session.csrf, 303},
	} {
		response, _ := s.do(t, call{method: test.method, path: "/logout", body: test.body, session: secret})
		if response.StatusCode != test.want {
			t.Errorf("%s %q: %d, want %d", test.method, test.body, response.StatusCode, test.want)
		}
	}
	if response, _ := s.do(t, call{method: "GET", path: "/", session: secret}); response.StatusCode != 401 {
		t.Errorf("afterwards: %d", response.StatusCode)
	}
}

func TestLocalPath(t *testing.T) {
	tests := map[string]string{
		"/":                        "/",
		"/services/x/log?search=a": "/services/x/log?search=a",
		"/services/a%20b":          "/services/a%20b",
		"":                         "/",
		"services":                 "/",
		"//evil.example":           "/",
		"///evil.example":          "/",
		`/\evil.example`:           "/",
		"/\t/evil.example":         "/",
		"/\n/evil.example":         "/",
		"http://evil.example/":     "/",
		"javascript:alert(1)":      "/",
		"/login?next=/":            "/",
		"/logout":                  "/",
		"/%zz":                     "/",
		"/a b":                     "/",
		"/a\x00":                   "/",
	}
	for next, want := range tests {
		if got := localPath(next); got != want {
			t.Errorf("localPath(%q) = %q, want %q", next, got, want)
		}
	}
}
