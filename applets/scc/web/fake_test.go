package web

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"syn3d/applets/scc/agent"
	"syn3d/applets/service"
	"syn3d/applets/syn3state"
)

// A fake is an agent of which a test knows what it knows. It speaks as the real
// one does, and is for what that cannot be made to say at will.
type fake struct {
	services []agent.Service
	files    agent.Files
	log      []agent.LogPart
	progress []agent.Progress
	events   chan agent.Event // what Watch goes on with
	written  chan agent.LogPart
	breaks   string // what an action fails with, after two lines
	fails    string // what every call fails with

	mu    sync.Mutex
	asked []question
}

// A question is a request as the fake has got it.
type question struct {
	Call    string          `json:"call"`
	Service string          `json:"service"`
	Action  agent.Action    `json:"action"`
	By      string          `json:"by"`
	Log     *agent.LogQuery `json:"log"`
}

func (f *fake) client() *agent.Client {
	return &agent.Client{Dial: func(context.Context) (net.Conn, error) {
		here, there := net.Pipe()
		go f.answer(there) // ends with the call
		return here, nil
	}}
}

func (f *fake) site() *site { return &site{agent: f.client()} }

func (f *fake) answer(conn net.Conn) {
	defer conn.Close()
	var q question
	if json.NewDecoder(conn).Decode(&q) != nil {
		return
	}
	f.mu.Lock()
	f.asked = append(f.asked, q)
	f.mu.Unlock()
	out := json.NewEncoder(conn)
	end := map[string]any{"end": true}
	if err := f.tell(q, func(v any) error { return out.Encode(map[string]any{"value": v}) }); err != nil {
		end["error"] = err.Error()
	}
	out.Encode(end)
}

func (f *fake) tell(q question, tell func(any) error) error {
	if f.fails != "" {
		return fmt.Errorf("%s", f.fails)
	}
	switch q.Call {
	case "services", "services+usage":
		return tell(f.services)
	case "watch":
		return f.watch(tell)
	}
	at := slices.IndexFunc(f.services, func(s agent.Service) bool { return s.Name == q.Service })
	if at < 0 {
		return agent.ErrNoService
	}
	switch q.Call {
	case "service":
		return tell(f.services[at])
	case "files":
		return tell(f.files)
	case "log":
		return f.tellLog(q, tell)
	case "act":
		return f.act(tell)
	}
	return fmt.Errorf("unknown call %s", q.Call)
}

func (f *fake) act(tell func(any) error) error {
	if f.breaks == "" {
		return tellEach(f.progress, tell)
	}
	tellEach(f.progress[:2], tell)
	return fmt.Errorf("%s", f.breaks)
}

func (f *fake) tellLog(q question, tell func(any) error) error {
	known := func(l agent.LogFile) bool { return l.Name == q.Log.File }
	if q.Log.File != "" && !slices.ContainsFunc(f.files.Logs, known) {
		return agent.ErrNoFile
	}
	if err := tellEach(f.log, tell); err != nil || !q.Log.Follow {
		return err
	}
	for part := range f.written {
		if err := tell(part); err != nil {
			return err
		}
	}
	return nil
}

func (f *fake) watch(tell func(any) error) error {
	for i := range f.services {
		if err := tell(agent.Event{Service: &f.services[i]}); err != nil {
			return err
		}
	}
	if err := tell(agent.Event{Ready: true}); err != nil {
		return err
	}
	for e := range f.events {
		if err := tell(e); err != nil {
			return err
		}
	}
	return nil
}

func tellEach[T any](values []T, tell func(any) error) error {
	for _, v := range values {
		if err := tell(v); err != nil {
			return err
		}
	}
	return nil
}

var (
	viewer = visitor{Account: agent.Account{Name: "vera", Role: agent.Viewer}, From: "192.0.2.1", CSRF: "token-v", Session: true}
	admin  = visitor{Account: agent.Account{Name: "anna", Role: agent.Admin}, From: "192.0.2.7", CSRF: "token-a", Session: true}
)

// ask makes a request, by somebody, with headers as "Accept: text/html".
func ask(s *site, who visitor, method, path string, headers ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, path, nil)
	for _, header := range headers {
		name, value, _ := strings.Cut(header, ": ")
		r.Header.Set(name, value)
	}
	r = r.WithContext(context.WithValue(r.Context(), visitorKey{}, who))
	w := httptest.NewRecorder()
	s.routes().ServeHTTP(w, r)
	return w
}

// wantAll fails unless all texts are there.
func wantAll(t *testing.T, w *httptest.ResponseRecorder, texts ...string) {
	t.Helper()
	for _, text := range texts {
		if !strings.Contains(w.Body.String(), text) {
			t.Errorf("got\n%s\nwithout %q", w.Body, text)
		}
	}
}

func wantCode(t *testing.T, w *httptest.ResponseRecorder, code int) {
	t.Helper()
	if w.Code != code {
		t.Errorf("got %d %s, want %d: %s", w.Code, http.StatusText(w.Code), code, w.Body)
	}
}

var then = time.Now().UTC().Round(0).Add(-100 * time.Hour)

// up returns a service that is up, and well.
func up(name string) agent.Service {
	return agent.Service{
		Name: name, Condition: agent.Verified, HasLog: true,
		State: service.State{
			Service: "/service/" + name, Supervised: true, Up: true, Pid: 1234,
			Since: then, Seconds: 360000, Want: "up", Boot: "up",
			Verified: &service.Verification{OK: true, By: "start", Reason: "boot", At: then},
			Log:      &service.State{Service: "/service/" + name + "/log", Up: true, Pid: 1235},
		},
		Monitor: syn3state.Record{Name: name, State: syn3state.OK, Since: then, Message: "Started"},
		Usage:   &service.Usage{Processes: 3, Memory: 12_345_678, CPUTime: 61.5, CPU: 0.26},
	}
}

// down returns a service that is down, as it should be.
func down(name string) agent.Service {
	return agent.Service{
		Name: name, Condition: agent.Down,
		State: service.State{
			Service: "/service/" + name, Supervised: true, Since: then, Seconds: 360000, Want: "down", Boot: "down",
			LastExit: &service.Exit{Signal: "SIGTERM", At: then},
		},
		Monitor: syn3state.Record{Name: name, State: syn3state.Unknown},
	}
}

// somewhat returns a fake with a service of each condition.
func somewhat() *fake {
	f := &fake{
		files: agent.Files{
			Scripts: []agent.Script{{Name: "run", Executable: true, Text: "#!/bin/sh\nexec <squid> & \"x\"\n"}},
			Logs:    []agent.LogFile{{Name: "current", Size: 5000, Until: then}, {Name: "@40000000650000000000000a.s", Size: 99999, Until: then}},
			Recent:  []agent.Moment{{At: then, What: agent.WentDown, Detail: "exit code 1"}, {At: then, What: agent.CameUp, Detail: "pid 1234"}},
		},
		log: []agent.LogPart{{Next: &agent.LogQuery{File: "current", Before: 4711, Lines: 100}, Lines: []agent.LogLine{
			{At: then, Text: `<script>alert("x")</script>\x1b[31m`}, {Text: "no label", Cut: true},
		}}},
		progress: []agent.Progress{{Line: "Starting /service/squid ...."}, {Line: "Starting /service/squid ....OK"}},
	}
	for i, c := range worstFirst() {
		s := up(fmt.Sprintf("%c-%s", 'a'+i, c))
		if c == agent.Down || c == agent.DownAmiss || c == agent.Missing || c == agent.Crashing {
			s = down(s.Name)
		}
		s.Condition = c
		f.services = append(f.services, s)
	}
	f.services = append(f.services, up("squid"))
	done := f.services[len(f.services)-1]
	done.Result = &service.Result{Command: "svcenable", OK: true}
	f.progress = append(f.progress, agent.Progress{Done: &done})
	return f
}
