package web

import (
	"bufio"
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"syn3d/applets/scc/agent"
	"syn3d/applets/service"
)

// A reading is a stream of events that is being read.
type reading struct {
	t     *testing.T
	lines *bufio.Scanner
}

// read asks for a stream of events, by somebody.
func read(t *testing.T, f *fake, who visitor, path string) *reading {
	routes := f.site().routes()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		routes.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), visitorKey{}, who)))
	}))
	t.Cleanup(server.Close)
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	t.Cleanup(cancel)
	r, _ := http.NewRequestWithContext(ctx, "GET", server.URL+path, nil)
	answer, err := server.Client().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { answer.Body.Close() })
	if got := answer.Header.Get("Content-Type"); got != "text/event-stream" {
		t.Fatalf("Content-Type: %s", got)
	}
	return &reading{t, bufio.NewScanner(answer.Body)}
}

// want reads the next event, beats aside, which has to have that name, and
// returns its data.
func (r *reading) want(name string) string {
	r.t.Helper()
	got, data := "", []string{}
	for r.lines.Scan() {
		line := r.lines.Text()
		switch field, value, _ := strings.Cut(line, ": "); {
		case field == "event":
			got = value
		case field == "data":
			data = append(data, value)
		case line == "" && got == "beat":
			got, data = "", nil
		case line == "" && got != name:
			r.t.Fatalf("got event %s %q, want %s", got, data, name)
		case line == "":
			return strings.Join(data, "\n")
		}
	}
	r.t.Fatalf("no event %s: %v", name, r.lines.Err())
	return ""
}

func TestListEvents(t *testing.T) {
	f := somewhat()
	f.events = make(chan agent.Event)
	rows := make([]row, len(f.services))
	for i := range f.services {
		rows[i] = english.row(&f.services[i], true)
	}
	r := read(t, f, admin, "/events")
	if got := r.want("seen"); got != digest(rows) {
		t.Errorf("seen is %s, the page says %s", got, digest(rows))
	}

	same := up("squid")
	f.events <- agent.Event{Service: &same} // of which nothing is told
	changed := down("squid")
	f.events <- agent.Event{Service: &changed}
	if got := r.want("row"); !strings.Contains(got, `<tr data-service="squid" data-condition=down>`) || !strings.Contains(got, "data-action=start") {
		t.Errorf("the row is %s", got)
	}
	if got := r.want("summary"); !strings.Contains(got, "<b>2</b> down") {
		t.Errorf("the summary is %s", got)
	}

	busier := up("h-verified")
	busier.Usage = &service.Usage{Processes: 1, CPU: 50}
	f.events <- agent.Event{Service: &busier}
	if got := r.want("row"); !strings.Contains(got, "50 %") {
		t.Errorf("the row is %s", got)
	}
	f.events <- agent.Event{Gone: "squid"}
	if got := r.want("gone"); got != "\"squid\"\n" {
		t.Errorf("%q has gone", got)
	}
	r.want("summary")
	close(f.events)
	r.want("ended")
}

// The rows of a viewer have no buttons.
func TestListEventsOfViewer(t *testing.T) {
	f := somewhat()
	f.events = make(chan agent.Event)
	r := read(t, f, viewer, "/events")
	r.want("seen")
	changed := up("new")
	f.events <- agent.Event{Service: &changed}
	if got := r.want("row"); strings.Contains(got, "<button") {
		t.Errorf("the row is %s", got)
	}
	close(f.events)
}

func TestServiceEvents(t *testing.T) {
	f := somewhat()
	f.events = make(chan agent.Event)
	r := read(t, f, admin, "/services/squid/events")
	r.want("now")
	r.want("recent")
	older := up("squid")
	older.Seconds++
	f.events <- agent.Event{Service: &older} // only time has passed
	other := down("other")
	f.events <- agent.Event{Service: &other}
	busier := up("squid")
	busier.Usage = &service.Usage{Processes: 1, CPU: 50}
	f.events <- agent.Event{Service: &busier}
	if got := r.want("now"); !strings.Contains(got, "50 %") {
		t.Errorf("it is now %s", got)
	}
	changed := down("squid")
	f.events <- agent.Event{Service: &changed}
	if got := r.want("now"); !strings.Contains(got, "Down, as it should be.") {
		t.Errorf("it is now %s", got)
	}
	if got := r.want("recent"); !strings.Contains(got, "ended: exit code 1") {
		t.Errorf("recently, %s", got)
	}
	f.events <- agent.Event{Gone: "squid"}
	r.want("gone")
	close(f.events)
}

func TestServiceEventsOfNone(t *testing.T) {
	f := somewhat()
	f.events = make(chan agent.Event)
	read(t, f, admin, "/services/gone/events").want("gone")
	close(f.events)
}

func TestLogEvents(t *testing.T) {
	f := somewhat()
	f.written = make(chan agent.LogPart)
	r := read(t, f, viewer, "/services/squid/log/events?search=line&lines=7")
	if got := r.want("first"); !strings.Contains(got, "&lt;script&gt;") {
		t.Errorf("at first, %s", got)
	}
	f.written <- agent.LogPart{Lines: []agent.LogLine{{Text: "a <new> line"}}}
	if got := r.want("lines"); !strings.Contains(got, "<li><span>a &lt;new&gt; <mark>line</mark></span></li>") {
		t.Errorf("then, %s", got)
	}
	f.written <- agent.LogPart{Rotated: true, Skipped: true, Lines: []agent.LogLine{{Text: "x"}}}
	if got := r.want("lines"); !strings.Contains(got, "A new file begins here.") || !strings.Contains(got, "left out") {
		t.Errorf("then, %s", got)
	}
	close(f.written)
	if got := f.asked[0].Log; *got != (agent.LogQuery{Search: "line", Lines: 7, Follow: true}) {
		t.Errorf("it asks for %+v", got)
	}
}
