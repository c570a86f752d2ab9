package web

import (
	"net/http"
	"strings"
	"testing"
)

func TestRoutes(t *testing.T) {
	tests := []struct {
		method, path string
		viewer       int // what a viewer is answered
		admin        int // and who may act
		text         string
	}{
		{"GET", "/", 200, 200, `<table id="services"`},
		{"HEAD", "/", 200, 200, ""},
		{"POST", "/", 405, 405, "cannot be asked for"},
		{"GET", "/nowhere", 404, 404, "no such page"},
		{"GET", "/services", 404, 404, "no such page"},
		{"GET", "/services/", 404, 404, "no such page"},
		{"GET", "/services/squid", 200, 200, "<h1>squid</h1>"},
		{"GET", "/services/gone", 404, 404, "no such service"},
		{"GET", "/services/gone/log", 404, 404, "no such service"},
		{"GET", "/services/squid/nothing", 404, 404, "no such page"},
		{"GET", "/services/squid/log", 200, 200, "Log of squid"},
		{"GET", "/services/squid/log?file=@40000000650000000000000a.s", 200, 200, "no label"},
		{"GET", "/services/squid/log?file=../run", 404, 404, "no such log file"},
		{"GET", "/services/squid/log?before=-1", 400, 400, "no question"},
		{"GET", "/services/squid/log?lines=many", 400, 400, "no question"},
		{"GET", "/services/squid/log/events?before=7", 400, 400, "no question"},
		{"GET", "/services/squid/start", 405, 405, "cannot be asked for"},
		{"POST", "/services/squid/start", 403, 200, ""},
		{"POST", "/services/squid/stop", 403, 200, ""},
		{"POST", "/services/squid/restart", 403, 200, ""},
		{"POST", "/services/squid/reset", 403, 200, ""},
		{"POST", "/services/squid/enable", 403, 200, ""},
		{"POST", "/services/squid/disable", 403, 200, ""},
		{"POST", "/services/squid/remove", 405, 405, ""},
		{"POST", "/services/gone/start", 403, 404, ""},
		{"GET", "/api/v1/services", 200, 200, `"name":"squid"`},
		{"GET", "/api/v1/services/squid", 200, 200, `"service":"/service/squid"`},
		{"GET", "/api/v1/services/gone", 404, 404, `{"error":"There is no such service (any more)."}`},
		{"GET", "/api/v1/services/squid/log", 200, 200, `"before":4711`},
		{"GET", "/api/v1/services/squid/log?before=x", 400, 400, `{"error":`},
		{"GET", "/api/v1/services/squid/log?file=nothing", 404, 404, `{"error":`},
		{"GET", "/api/v1/services/gone/log", 404, 404, `{"error":`},
		{"GET", "/api/v1/nothing", 404, 404, `{"error":`},
		{"DELETE", "/api/v1/services/squid", 405, 405, `{"error":`},
		{"GET", "/api/v1/services/squid/start", 405, 405, `{"error":`},
		{"POST", "/api/v1/services/squid/start", 403, 200, ""},
		{"POST", "/api/v1/services/gone/start", 403, 404, `{"error":`},
		{"GET", "/metrics", 200, 200, `syn3_service_up{service="squid"} 1`},
		{"GET", "/healthz", 200, 200, "ok\n"},
		{"GET", "/static/000000000000/app.css", 404, 404, ""},
		{"GET", "/static/000000000000/../../words.go", 307, 307, ""},
	}
	s := somewhat().site()
	for _, test := range tests {
		for who, want := range map[visitor]int{viewer: test.viewer, admin: test.admin} {
			w := ask(s, who, test.method, test.path)
			if w.Code != want || who == admin && !strings.Contains(w.Body.String(), test.text) {
				t.Errorf("%s %s by a(n) %s = %d, want %d and %q: %s", test.method, test.path, who.Role, w.Code, want, test.text, w.Body)
			}
		}
	}
}

// What fails, fails alike everywhere: in words that are no Go error, in the
// language of the reader.
func TestAgentGone(t *testing.T) {
	s := (&fake{fails: "connection <refused>"}).site()
	tests := []struct {
		method, path string
		code         int
		text         string
	}{
		{"GET", "/", 502, "connection &lt;refused&gt;"},
		{"GET", "/services/squid", 502, "De agent van het controlecentrum antwoordt niet."},
		{"GET", "/services/squid/log", 502, "De agent"},
		{"POST", "/services/squid/stop", 502, "De agent"},
		{"GET", "/api/v1/services", 502, `{"error":"The agent of the control centre does not answer. (connection <refused>)"}`},
		{"POST", "/api/v1/services/squid/stop", 502, `{"error":"The agent`},
		{"GET", "/metrics", 502, "does not answer"},
		{"GET", "/healthz", 503, "the agent does not answer"},
	}
	for _, test := range tests {
		w := ask(s, admin, test.method, test.path, "Accept-Language: nl")
		wantCode(t, w, test.code)
		wantAll(t, w, test.text)
	}
}

func TestAllow(t *testing.T) {
	s := somewhat().site()
	for path, want := range map[string]string{"/": "GET, HEAD", "/services/squid/start": "POST", "/api/v1/services": "GET, HEAD"} {
		if got := ask(s, admin, "PUT", path).Header().Get("Allow"); got != want {
			t.Errorf("PUT %s allows %q, want %q", path, got, want)
		}
	}
}

func TestOpen(t *testing.T) {
	for path, want := range map[string]bool{
		"/healthz": true, assetPath("app.css"): true, "/static/": true,
		"/": false, "/metrics": false, "/healthz/": false, "/services/static": false, "/api/v1/services": false,
	} {
		r, _ := http.NewRequest("GET", path, nil)
		if got := open(r); got != want {
			t.Errorf("open(%s) = %v, want %v", path, got, want)
		}
	}
}
