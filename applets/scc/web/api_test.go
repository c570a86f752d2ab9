package web

import (
	"encoding/json"
	"io"
	"strings"
	"testing"

	"syn3d/applets/scc/agent"
)

func TestAPIServices(t *testing.T) {
	var services []agent.Service
	w := ask(somewhat().site(), viewer, "GET", "/api/v1/services")
	if err := json.Unmarshal(w.Body.Bytes(), &services); err != nil || len(services) != 10 {
		t.Fatalf("got %d services, %v: %s", len(services), err, w.Body)
	}
	if got := w.Header().Get("Content-Type"); got != "application/json" {
		t.Errorf("Content-Type: %s", got)
	}
	if got := services[9]; got.Name != "squid" || got.Pid != 1234 || got.Monitor.State.String() != "OK" || got.Usage.Processes != 3 {
		t.Errorf("got %+v", got)
	}
	if got := ask((&fake{}).site(), viewer, "GET", "/api/v1/services").Body.String(); got != "[]\n" {
		t.Errorf("no services are %q", got)
	}
}

func TestAPILog(t *testing.T) {
	f := somewhat()
	w := ask(f.site(), viewer, "GET", "/api/v1/services/squid/log?search=a&lines=7&before=5000")
	wantAll(t, w, `{"lines":[{"at":"`, `"text":"<script>alert(\"x\")</script>\\x1b[31m"`, `"cut":true}],"next":{"file":"current","before":4711,"lines":100}}`)
	if got := f.asked[0].Log; *got != (agent.LogQuery{Search: "a", Lines: 7, Before: 5000}) {
		t.Errorf("it asks for %+v", got)
	}
}

func TestAPIAction(t *testing.T) {
	s := somewhat().site()
	w := ask(s, admin, "POST", "/api/v1/services/squid/start")
	wantCode(t, w, 200)
	wantAll(t, w, `"name":"squid"`, `"result":{"command":"svcenable","ok":true}`)

	w = ask(s, admin, "POST", "/api/v1/services/squid/start", "Accept: application/x-ndjson")
	lines := json.NewDecoder(w.Body)
	var last agent.Progress
	n := 0
	for ; ; n++ {
		var p agent.Progress
		if err := lines.Decode(&p); err == io.EOF {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		last = p
	}
	if n != 3 || last.Done == nil || !last.Done.Result.OK {
		t.Errorf("got %d lines, the last one %+v", n, last)
	}
	if got := w.Header().Get("Content-Type"); !strings.HasPrefix(got, linesType) {
		t.Errorf("Content-Type: %s", got)
	}
}
