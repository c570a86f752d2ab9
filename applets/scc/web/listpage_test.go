package web

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"syn3d/applets/scc/agent"
)

func TestList(t *testing.T) {
	s := somewhat().site()
	w := ask(s, admin, "GET", "/")
	wantAll(t, w,
		`<html lang="en"`, `<strong>10 services</strong>`,
		`<li data-condition="crashing"><b>1</b> crashing<li data-condition="missing">`,
		`<li data-condition="verified"><b>2</b> up`,
		`<tr data-service="squid" data-condition=verified><th scope=row><a href="/services/squid">squid</a>`,
		`<span class=badge>down, normally up</span>`,
		`>4 d 4 h</time>`, `<span data-monitor=OK>OK</span> Started`,
		`<td>0<td>12 MiB<td>0.3 %<td>1234<td>`,
		`<button form=act formaction="/services/squid/disable" role=switch aria-checked=true data-action=boot aria-label="squid at boot">`,
		`<button form=act formaction="/services/squid/stop" data-action=stop aria-label="Stop squid">Stop</button>`,
		`<input type="hidden" name="csrf" value="token-a">`,
		`<form method="post" action="/logout">`,
	)
	if got := w.Header().Get("Cache-Control"); got != "no-store" {
		t.Errorf("Cache-Control: %s", got)
	}
	wantAll(t, ask(s, admin, "GET", "/", "Accept-Language: nl-NL"),
		`<html lang="nl"`, "10 services", "crasht steeds", `>4 d 4 u</time>`, "0,3 %", "Herstart squid", "4 dagen geleden")
}

// Buttons are there for those who may press them, if there is a supervisor to
// hear of it.
func TestButtons(t *testing.T) {
	astray := up("x")
	astray.Boot = "down"
	missing := down("x")
	missing.Condition = agent.Missing
	tests := []struct {
		who     visitor
		service agent.Service
		want    string
	}{
		{admin, up("x"), "boot stop restart"},
		{admin, down("x"), "boot start"},
		{admin, astray, "boot stop restart reset"},
		{admin, missing, "boot"},
		{viewer, up("x"), ""},
		{viewer, down("x"), ""},
		{visitor{}, up("x"), ""},
	}
	for _, test := range tests {
		html := string(english.fragment("row", english.row(&test.service, test.who.mayAct())))
		var got []string
		for _, part := range strings.Split(html, "data-action=")[1:] {
			action, _, _ := strings.Cut(part, " ")
			got = append(got, action)
		}
		if strings.Join(got, " ") != test.want {
			t.Errorf("a(n) %s has %q of a service %s, want %q", test.who.Role, got, test.service.Condition, test.want)
		}
	}
	for _, path := range []string{"/", "/services/squid"} {
		if page := ask(somewhat().site(), viewer, "GET", path).Body.String(); strings.Contains(page, "formaction") || strings.Contains(page, `id="act"`) {
			t.Errorf("a viewer is shown buttons at %s", path)
		}
	}
}

func TestEmptyList(t *testing.T) {
	wantAll(t, ask((&fake{}).site(), viewer, "GET", "/"), "no services in the scan directory", "0 services", `<table id="services"`)
}

// The clock may have been set back since a service came up.
func TestFuture(t *testing.T) {
	s := up("x")
	s.Since = time.Now().Add(time.Hour)
	wantAll(t, ask((&fake{services: []agent.Service{s}}).site(), viewer, "GET", "/"), ">0 s</time>")
}

// The digest is another one if something is, but not for what the services use.
func TestDigest(t *testing.T) {
	of := func(change func(*agent.Service)) string {
		s := up("x")
		change(&s)
		return digest([]row{english.row(&s, true)})
	}
	same := of(func(*agent.Service) {})
	if got := of(func(s *agent.Service) { s.Usage = nil }); got != same {
		t.Error("the digest depends on the usage")
	}
	for name, change := range map[string]func(*agent.Service){
		"condition": func(s *agent.Service) { s.Condition = agent.Paused },
		"pid":       func(s *agent.Service) { s.Pid++ },
		"boot":      func(s *agent.Service) { s.Boot = "down" },
		"message":   func(s *agent.Service) { s.Monitor.Message = "else" },
	} {
		if of(change) == same {
			t.Errorf("the digest does not depend on the %s", name)
		}
	}
}

func manyServices(n int) *fake {
	f := &fake{}
	for i := range n {
		f.services = append(f.services, up(fmt.Sprintf("service-%03d", i)))
	}
	return f
}

// TestFirstPageIsSmall adds up what a browser loads for a hundred services.
func TestFirstPageIsSmall(t *testing.T) {
	size := ask(manyServices(100).site(), admin, "GET", "/").Body.Len()
	for _, a := range assets() {
		size += len(a.content)
	}
	if limit := 100_000; size > limit {
		t.Errorf("the first page has %d bytes in all, more than %d", size, limit)
	}
}

func BenchmarkList500(b *testing.B) {
	s := manyServices(500).site()
	for b.Loop() {
		if w := ask(s, admin, "GET", "/"); w.Code != 200 {
			b.Fatal(w.Code)
		}
	}
}
