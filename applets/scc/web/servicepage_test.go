package web

import (
	"testing"

	"syn3d/applets/scc/agent"
	"syn3d/applets/service"
	"syn3d/applets/syn3state"
)

func TestServicePage(t *testing.T) {
	s := somewhat().site()
	wantAll(t, ask(s, admin, "GET", "/services/squid"),
		"<title>squid ·", "<h1>squid</h1>", `<section id="now" data-condition="verified">`,
		"Up, and it works, as far as is known.", "by its start script", "at boot,", "12 MiB", "1 min 1 s", "up (pid 1235)", "/service/squid",
		`formaction="/services/squid/start"`, `formaction="/services/squid/stop"`, `formaction="/services/squid/restart"`, `formaction="/services/squid/reset"`,
		`<details data-script="run">`, "exec &lt;squid&gt; &amp; &#34;x&#34;",
		`<li data-happening="ended">`, "ended: exit code 1", "came up: pid 1234",
		`&lt;script&gt;alert(&#34;x&#34;)&lt;/script&gt;\x1b[31m`, `href="/services/squid/log"`,
	)
	wantAll(t, ask(s, admin, "GET", "/services/squid", "Accept-Language: nl"), "Draait, en werkt, voor zover bekend.", "is geëindigd: exit code 1", "door het startscript")
	lasting := somewhat()
	lasting.services[0].Condition, lasting.services[0].Up, lasting.services[0].Verified = agent.Verified, true, nil
	wantAll(t, ask(lasting.site(), admin, "GET", "/services/"+lasting.services[0].Name), "it has stayed up")
	wantAll(t, ask(s, admin, "GET", "/services/i-down"), "killed by SIGTERM", "not started", "Down for", "There is no log to read.")
}

// What a service has been reported to say is text, and nothing else.
func TestMessagesAreText(t *testing.T) {
	f := somewhat()
	s := &f.services[0]
	s.Monitor = syn3state.Record{State: syn3state.Critical, Since: then, Message: "<img src=x>\n\x1b[2Jy\u202e"}
	s.Error = "<i>error</i>"
	s.Verified = &service.Verification{By: "start", Reason: "crash", Why: "<b>why</b>", At: then}
	s.Up = true
	wantAll(t, ask(f.site(), admin, "GET", "/services/"+s.Name),
		`&lt;img src=x&gt;\n\x1b[2Jy\u202e`, "&lt;i&gt;error&lt;/i&gt;", "failed: &lt;b&gt;why&lt;/b&gt;", "after a crash")
	wantAll(t, ask(f.site(), admin, "GET", "/"), `&lt;img src=x&gt;\n\x1b[2Jy\u202e`)
}
