package web

import (
	"encoding/json"
	"strings"
	"testing"

	"syn3d/applets/scc/agent"
)

func TestActionPage(t *testing.T) {
	f := somewhat()
	w := ask(f.site(), admin, "POST", "/services/squid/start")
	wantCode(t, w, 200)
	wantAll(t, w, "<h1>Starting squid</h1>", `<p class="line">Starting /service/squid ....OK</p>`, `data-ok="true">squid is up.`, `<a href="/services/squid">squid</a>`, "</html>")
	if !w.Flushed {
		t.Error("the lines are not sent as they come")
	}
	last := f.asked[len(f.asked)-1]
	if last.Action != agent.Start || last.By != "anna from 192.0.2.7" {
		t.Errorf("it does %s for %q", last.Action, last.By)
	}
	wantAll(t, ask(f.site(), admin, "POST", "/services/squid/stop", "Accept-Language: nl"), "<h1>squid stoppen</h1>", "squid is gestopt.")
}

func TestActionFails(t *testing.T) {
	f := somewhat()
	done := f.progress[2].Done
	done.Result.OK, done.Result.Error = false, "it does not stay up"
	w := ask(f.site(), admin, "POST", "/services/squid/start")
	wantCode(t, w, 200) // the answer has begun before that is known
	wantAll(t, w, `<p class="outcome failed" data-ok="false">Failed</p>`)
	wantCode(t, ask(f.site(), admin, "POST", "/api/v1/services/squid/start"), 409)
}

// pieces returns the HTML that the scripts of a page are sent.
func pieces(t *testing.T, body string) (html string) {
	for line := range strings.Lines(body) {
		var piece string
		if err := json.Unmarshal([]byte(line), &piece); err != nil {
			t.Errorf("%q is no piece: %v", line, err)
		}
		html += piece
	}
	return html
}

func TestActionPieces(t *testing.T) {
	s := somewhat().site()
	w := ask(s, admin, "POST", "/services/squid/start", "Accept: "+piecesType)
	html := pieces(t, w.Body.String())
	if want := `<h2 data-action="start">Starting squid</h2><p class="line">Starting`; !strings.HasPrefix(html, want) || !strings.Contains(html, `data-ok="true"`) {
		t.Errorf("got %s, want %s, and what came of it", html, want)
	}
	w = ask(s, admin, "POST", "/services/gone/start", "Accept: "+piecesType)
	wantCode(t, w, 404)
	if html := pieces(t, w.Body.String()); !strings.Contains(html, `data-ok="false">There is no such service`) {
		t.Errorf("got %s for a service that has gone", html)
	}
}

func TestActionBreaksOff(t *testing.T) {
	f := somewhat()
	f.services[len(f.services)-1].Name = "other"
	f.breaks = "killed"
	f.services = append(f.services, up("squid"))
	w := ask(f.site(), admin, "POST", "/services/squid/start")
	wantAll(t, w, "Starting /service/squid", `data-ok="false">The agent of the control centre does not answer. (killed)`, "</html>")
	w = ask(f.site(), admin, "POST", "/api/v1/services/squid/start", "Accept: application/x-ndjson")
	wantAll(t, w, `{"line":"Starting /service/squid ....OK"}`, `{"error":"The agent of the control centre does not answer. (killed)"}`)
	wantCode(t, ask(f.site(), admin, "POST", "/api/v1/services/squid/start"), 502)
}
