package web

import (
	"net/http"
	"strings"
	"testing"
)

func TestHosts(t *testing.T) {
	s := start(t, "127.0.0.1:0", nil)
	tests := []struct {
		host string
		want int
	}{
		{"localhost", 200},
		{"localhost:8027", 200},
		{"LOCALHOST.:1", 200},
		{"127.0.0.1", 200},
		{"127.0.0.1:80", 200},
		{"[::1]:8027", 200},
		{"127.0.0.2", 421},
		{"evil.example", 421},
		{"evil.example:8027", 421},
		{"localhost.evil.example", 421},
		{"127.0.0.1.evil.example", 421},
		{"127.0.0.1@evil.example", 421},
		{"2130706433", 421},
	}
	for _, test := range tests {
		response, _ := s.do(t, call{method: "GET", path: "/healthz", host: test.host})
		if response.StatusCode != test.want {
			t.Errorf("Host: %s: %d, want %d", test.host, response.StatusCode, test.want)
		}
	}
}

func TestOrigins(t *testing.T) {
	s := start(t, "127.0.0.1:0", nil)
	tests := []struct {
		name    string
		method  string
		headers map[string]string
		want    int
	}{
		{"a program", "POST", nil, 200},
		{"our page", "POST", map[string]string{"Sec-Fetch-Site": "same-origin"}, 200},
		{"another site", "POST", map[string]string{"Sec-Fetch-Site": "cross-site"}, 403},
		{"another port", "POST", map[string]string{"Sec-Fetch-Site": "same-site"}, 403},
		{"a link", "GET", map[string]string{"Sec-Fetch-Site": "cross-site"}, 200},
		{"an old browser", "POST", map[string]string{"Origin": "http://evil.example"}, 403},
		{"a page in a file", "POST", map[string]string{"Origin": "null"}, 403},
		{"deletion", "DELETE", map[string]string{"Sec-Fetch-Site": "cross-site"}, 403},
	}
	for _, test := range tests {
		headers := map[string]string{"Authorization": "Bearer " + annasToken}
		for name, value := range test.headers {
			headers[name] = value
		}
		response, _ := s.do(t, call{method: test.method, path: "/services/x/start", headers: headers})
		if response.StatusCode != test.want {
			t.Errorf("%s: %d, want %d", test.name, response.StatusCode, test.want)
		}
	}
}

func TestRoles(t *testing.T) {
	s := start(t, "127.0.0.1:0", nil)
	tests := []struct {
		name, method, path, token string
		want                      int
		body                      string
	}{
		{"a stranger sees health", "GET", "/healthz", "", 200, ""},
		{"a stranger sees nothing else", "GET", "/", "", 401, ""},
		{"a stranger changes nothing", "POST", "/healthz", "", 403, ""},
		{"a stranger acts", "POST", "/services/x/start", "", 401, ""},
		{"an unknown token", "GET", "/healthz", "x", 401, ""},
		{"no token", "GET", "/", " ", 401, ""},
		{"a viewer sees", "GET", "/", bertsToken, 200, "bert viewer from 127.0.0.1"},
		{"a viewer asks for the size", "HEAD", "/", bertsToken, 200, ""},
		{"a viewer acts", "POST", "/services/x/start", bertsToken, 403, ""},
		{"a viewer puts", "PUT", "/services/x", bertsToken, 403, ""},
		{"a viewer makes something up", "GETT", "/services/x", bertsToken, 403, ""},
		{"an administrator acts", "POST", "/services/x/start", annasToken, 200, "anna admin from 127.0.0.1"},
	}
	for _, test := range tests {
		headers := map[string]string{"X-Forwarded-For": "192.0.2.1", "Forwarded": "for=192.0.2.1"}
		if test.token != "" {
			headers["Authorization"] = "bearer " + test.token
		}
		response, body := s.do(t, call{method: test.method, path: test.path, headers: headers})
		if response.StatusCode != test.want || !strings.HasPrefix(body, test.body) {
			t.Errorf("%s: %d %q, want %d %q", test.name, response.StatusCode, body, test.want, test.body)
		}
		if test.want == 401 && response.Header.Get("WWW-Authenticate") != "Bearer" {
			t.Errorf("%s: it is not said how", test.name)
		}
	}
}

func TestStrangersAreAsked(t *testing.T) {
	s := start(t, "127.0.0.1:0", nil)
	page := map[string]string{"Accept": "text/html,*/*"}
	for _, test := range []struct{ method, path, want string }{
		{"GET", "/services/x/log?search=a+b", "/login?next=%2Fservices%2Fx%2Flog%3Fsearch%3Da%2Bb"},
		{"POST", "/services/x/start", "/login?next=%2F"},
	} {
		response, _ := s.do(t, call{method: test.method, path: test.path, headers: page})
		if got := response.Header.Get("Location"); response.StatusCode != 303 || got != test.want {
			t.Errorf("%s %s: %d to %s, want 303 to %s", test.method, test.path, response.StatusCode, got, test.want)
		}
	}
}

func TestFormsBelongToSessions(t *testing.T) {
	s := start(t, "127.0.0.1:0", nil)
	secret, session := s.sessions.begin(anna)
	_, other := s.sessions.begin(anna)
	tests := []struct {
		name, body string
		headers    map[string]string
		want       int
	}{
		{"none", "", nil, 403},
		{"an empty one", "csrf=", nil, 403},
		{"that of another session", "csrf=" + other.csrf, nil, 403},
		{"in the path", "", nil, 403},
		{"a form", "csrf=" + session.csrf, nil, 200},
		{"a script", "", map[string]string{"X-CSRF-Token": session.csrf}, 200},
		{"a wrong script", "csrf=" + session.csrf, map[string]string{"X-CSRF-Token": other.csrf}, 403},
	}
	for _, test := range tests {
		path := "/services/x/start?csrf=" + session.csrf
		response, _ := s.do(t, call{method: "POST", path: path, body: test.body, headers: test.headers, session: secret})
		if response.StatusCode != test.want {
			t.Errorf("%s: %d, want %d", test.name, response.StatusCode, test.want)
		}
	}
}

func TestHeaders(t *testing.T) {
	s := start(t, "127.0.0.1:0", nil)
	want := map[string]string{
		"Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; " +
			"connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
		"X-Content-Type-Options":       "nosniff",
		"Referrer-Policy":              "same-origin",
		"Cross-Origin-Opener-Policy":   "same-origin",
		"Cross-Origin-Embedder-Policy": "require-corp",
		"Cross-Origin-Resource-Policy": "same-origin",
		"Cache-Control":                "no-store",
		"Strict-Transport-Security":    "",
	}
	for _, path := range []string{"/healthz", "/", "/login", "/logout"} {
		response, _ := s.do(t, call{method: "GET", path: path})
		for name, value := range want {
			if got := response.Header.Get(name); got != value {
				t.Errorf("%s: %s: %q, want %q", path, name, got, value)
			}
		}
	}
}

func TestBodies(t *testing.T) {
	s := start(t, "127.0.0.1:0", nil)
	token := map[string]string{"Authorization": "Bearer " + annasToken}
	response, body := s.do(t, call{method: "POST", path: "/x", body: "a=b", headers: token})
	if response.StatusCode != 200 || !strings.HasSuffix(body, `sent "a=b"`) {
		t.Errorf("a body: %d %s", response.StatusCode, body)
	}
	response, _ = s.do(t, call{method: "POST", path: "/x", body: strings.Repeat("x", bodyLimit+1), headers: token})
	if response.StatusCode != http.StatusRequestEntityTooLarge {
		t.Errorf("a huge body: %d", response.StatusCode)
	}
}

// TestUnknownTokens has the log told of some of them.
func TestUnknownTokens(t *testing.T) {
	s := start(t, "127.0.0.1:0", nil)
	for range 20 {
		s.do(t, call{method: "GET", path: "/api/v1/services", headers: map[string]string{"Authorization": "Bearer x"}})
	}
	if got := strings.Count(s.logged.String(), "unknown token from 127.0.0.1\n"); got != freeAttempts {
		t.Errorf("said %d times", got)
	}
	response, body := s.do(t, call{method: "GET", path: "/api/v1/services", headers: map[string]string{"Authorization": "Bearer x"}})
	if response.StatusCode != 401 || !strings.Contains(body, `{"error":`) {
		t.Errorf("%d %s", response.StatusCode, body)
	}
	if response, _ := s.do(t, call{method: "GET", path: "/", headers: map[string]string{"Authorization": "Bearer " + annasToken}}); response.StatusCode != 200 {
		t.Errorf("a known token: %d", response.StatusCode)
	}
}
