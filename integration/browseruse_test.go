package integration

import (
	"fmt"
	"os"
	"path/filepath"
)

func testLogin(b *browser, _ string) {
	b.click("[data-action=logout]")
	b.await(has("form.login"))
	b.open("/services/nginx/log")
	b.fillLogin("anna", passwordOf("victor"))
	b.await(has("[role=alert]") + ".textContent == 'Wrong name or password.'")
	b.fillLogin("anna", passwordOf("anna"))
	b.await("location.pathname == '/services/nginx/log'")
}

func testList(b *browser, _ string) {
	for name, condition := range map[string]string{
		"broken": "down", "nginx": "verified", "odd": "verified", "redis": "down", "scc": "verified", "speaker": "verified",
	} {
		b.awaitCondition(name, condition)
	}
	got := eval[string](b, "[...document.querySelectorAll('#services tbody th')].map(th => th.textContent).join(' ')")
	if want := `broken nginx odd <b>'&"%2F redis scc speaker`; got != want {
		b.t.Errorf("the list has %q, want %q", got, want)
	}
	b.fill("#filter-text", "REDIS")
	b.await(has(row("nginx", "")) + ".hidden && !" + has(row("redis", "")) + ".hidden")
}

func testStartStop(b *browser, scan string) {
	eval[any](b, "window.stays = true")
	b.click(row("nginx", "[data-action=stop]"))
	b.await(has("#work [data-ok=true]") + ".textContent == 'nginx is down.'")
	b.awaitCondition("nginx", "down")
	if !exists(scan+"/nginx/down") || pid(b.t, scan+"/nginx") != 0 {
		b.t.Error("nginx, which was stopped, is up or has no down file")
	}
	b.click(row("nginx", "[data-action=start]"))
	b.await("[...document.querySelectorAll('#work .line')].some(line => line.textContent.includes('Waiting for nginx..'))")
	b.await(has("#work [data-ok=true]") + ".textContent == 'nginx is up.'")
	b.awaitCondition("nginx", "verified")
	if exists(scan+"/nginx/down") || pid(b.t, scan+"/nginx") <= 0 {
		b.t.Error("nginx, which was started, is down or has a down file")
	}
	b.screenshot("progress")

	b.click(row("odd", "[data-action=stop]"))
	b.awaitCondition("odd", "down")
	b.click(row("broken", "[data-action=start]"))
	b.await("[...document.querySelectorAll('#work .line')].some(line => line.textContent.includes('exit code 7'))")
	b.await(has("#work [data-ok=false]"))
	b.awaitCondition("broken", "down_amiss")
	b.screenshot("failure")
	if !eval[bool](b, "!!window.stays") {
		b.t.Error("the page has been loaded again")
	}
}

// testBootSwitch goes to a switch, and switches, by the keyboard alone.
func testBootSwitch(b *browser, scan string) {
	const focused = "document.activeElement"
	target := row("redis", "[role=switch]")
	for tabs := 0; !eval[bool](b, focused+".matches('"+target+"')"); tabs++ {
		if tabs == 100 {
			b.t.Fatal("no key leads to the switch")
		}
		b.press(tabKey)
		if !eval[bool](b, "getComputedStyle("+focused+").outlineStyle != 'none'") {
			b.t.Errorf("it cannot be seen that %s has the focus", eval[string](b, focused+".outerHTML"))
		}
	}
	for checked, want := range []string{"true", "false"} {
		b.press(spaceKey)
		b.await(focused + ".ariaChecked == '" + want + "' && " + focused + ".matches('" + target + "')")
		if exists(scan+"/redis/down") != (checked == 1) {
			b.t.Errorf("the switch is %s, and down exists: %v", want, exists(scan+"/redis/down"))
		}
		b.await(has("#work [data-ok=true]"))
	}
	b.awaitCondition("redis", "down")
}

// testLive does things in a shell. What has to be shown then comes by itself: no
// request is made for it.
func testLive(b *browser, scan string) {
	b.open("/")
	eventually(b.t, "events come", func() bool {
		for _, e := range b.events() {
			if e.Params.EventName == "seen" {
				return true
			}
		}
		return false
	})
	run(b.t, "/", "svc", "-u", scan+"/broken")
	run(b.t, "/", "svc", "-d", scan+"/nginx")
	b.awaitCondition("nginx", "down_amiss")
	run(b.t, "/", "svcstart", scan+"/nginx")
	b.awaitCondition("nginx", "verified")
	writeService(b.t, scan+"/.fresh", forever)
	check(b.t, os.Rename(scan+"/.fresh", scan+"/fresh"))
	b.awaitCondition("fresh", "verified")
	b.await(has("#summary") + ".textContent.includes('7 services')")
	check(b.t, os.RemoveAll(scan+"/fresh"))
	b.await("!" + has(row("fresh", "")))

	before := pid(b.t, scan+"/nginx")
	killTree(before)
	b.await(has(row("nginx", "td:nth-child(6)")) + ".textContent.includes('KILL')")
	eventually(b.t, "nginx is up again", func() bool { now := pid(b.t, scan+"/nginx"); return now > 0 && now != before })
	b.awaitCondition("nginx", "verified")
	b.await(fmt.Sprint(has(row("nginx", "td:nth-child(10)")), ".textContent == ", pid(b.t, scan+"/nginx")))
	b.awaitCondition("broken", "crashing")
	if urls := b.requests(); urls != nil {
		b.t.Errorf("requests were made: %q", urls)
	}
}

func testServicePage(b *browser, scan string) {
	b.click(row("nginx", "a"))
	b.click("details[data-script=start] summary")
	b.await(has("details[data-script=start] pre") + ".checkVisibility()")
	if got := eval[string](b, has("details[data-script=start] pre")+".textContent"); got != nginxStart {
		b.t.Errorf("the start script is shown as %q", got)
	}
	b.click("#now [data-action=stop]")
	b.await(has(".head[data-condition=down]"))
	if !exists(scan + "/nginx/down") {
		b.t.Error("nginx has been stopped and has no down file")
	}
	b.click("#now [data-action=start]")
	b.await(has(".head[data-condition=verified]"))
	b.await(has("#recent [data-happening=verified]"))
}

func testLogPage(b *browser, scan string) {
	const lines = "[...document.querySelectorAll('#lines li span')].map(line => line.textContent)"
	b.open("/services/speaker/log")
	b.await(lines + ".includes('line-0299')")
	said, err := os.OpenFile(scan+"/speaker/said", os.O_APPEND|os.O_WRONLY, 0)
	check(b.t, err)
	defer said.Close()
	fmt.Fprint(said, "<b onclick='alert(1)'>bold</b> &amp; \x1b[31mred\x07\n")
	b.await(lines + `.at(-1) == "<b onclick='alert(1)'>bold</b> &amp; \\x1b[31mred\\a"`)
	b.await(has("#lines li:last-child") + ".getBoundingClientRect().bottom <= innerHeight")
	b.screenshot("tail")

	b.click("[data-action=older]")
	b.await(lines + ".includes('line-0000') && !" + lines + ".includes('line-0299')")
	b.click("[data-action=newest]")
	b.await(lines + ".at(-1).startsWith('<b')")
	b.fill("#search", "LINE-029")
	b.press(enterKey)
	b.await(has("mark") + ".textContent == 'line-029' && " + lines + ".length == 10")
	fmt.Fprint(said, "line-1000\nonline-0290\n")
	b.await(lines + ".at(-1) == 'online-0290' && " + lines + ".length == 11")

	old, err := filepath.Glob(scan + "/speaker/log/main/@*.s")
	check(b.t, err)
	b.open("/services/speaker/log")
	b.click("#file option[value='" + filepath.Base(old[0]) + "']")
	b.click("[data-action=show]")
	b.await(lines + ".includes('line-0000') && !" + lines + ".includes('line-0299')")
}

// testNoScripts does without scripts what can be done with them.
func testNoScripts(b *browser, scan string) {
	b.tools("Emulation.setScriptExecutionDisabled", object{"value": true}, nil)
	defer b.tools("Emulation.setScriptExecutionDisabled", object{"value": false}, nil)
	b.click("[data-action=logout]")
	b.await(has("form.login"))
	b.fillLogin("anna", passwordOf("anna"))
	b.click(row("nginx", "[data-action=stop]"))
	b.await(has("main [data-ok=true]") + ".textContent == 'nginx is down.'")
	b.screenshot("stopped-without-scripts")
	if !exists(scan + "/nginx/down") {
		b.t.Error("nginx has been stopped and has no down file")
	}
	b.open("/")
	b.awaitCondition("nginx", "down")
	b.click(row("nginx", "[data-action=start]"))
	b.await(has(".progress") + ".textContent.includes('Waiting for nginx..')")
	b.await(has("main [data-ok=true]") + ".textContent == 'nginx is up.'")
	if exists(scan + "/nginx/down") {
		b.t.Error("nginx has been started and has a down file")
	}
	b.open("/")
	b.awaitCondition("nginx", "verified")
	for _, down := range []bool{true, false} {
		b.open("/")
		b.click(row("nginx", "[role=switch]"))
		b.await(has("main [data-ok=true]"))
		if exists(scan+"/nginx/down") != down {
			b.t.Errorf("after the switch, down exists: %v, want %v", !down, down)
		}
	}
}

func testViewer(b *browser, _ string) {
	b.signIn("victor")
	for _, path := range []string{"/", "/services/nginx"} {
		b.open(path)
		got := eval[string](b, "[...document.querySelectorAll('button')].map(button => button.dataset.action).join(' ')")
		if got != "logout" {
			b.t.Errorf("%s has the buttons %q for who may only look", path, got)
		}
	}
}

// testFirstPage weighs all that is loaded by who comes for the first time.
func testFirstPage(b *browser, _ string) {
	b.tools("Network.clearBrowserCache", object{}, nil)
	b.requests()
	b.open("/")
	sum := 0.0
	for _, e := range b.events() {
		if e.Method == "Network.loadingFinished" {
			sum += e.Params.EncodedDataLength
		}
	}
	if sum < 1000 || sum >= 100_000 {
		b.t.Errorf("the first page takes %.0f bytes, want less than 100,000", sum)
	}
}

// testConnectionLost takes the control centre away for a while. It comes back
// without the session, and asks who one is.
func testConnectionLost(b *browser, scan string) {
	const note = "#connection.lost"
	offline := func(is bool) {
		b.tools("Network.emulateNetworkConditions",
			object{"offline": is, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1}, nil)
	}
	offline(true)
	eval[any](b, "document.dispatchEvent(new Event('visibilitychange'))")
	b.await(has(note) + ".textContent.startsWith('Connection lost')")
	offline(false)
	b.await("!" + has(note) + " && " + has("#connection") + ".textContent == 'Connected again.'")

	run(b.t, "/", "svc", "-d", scan+"/scc")
	b.await(has(note))
	b.screenshot("lost")
	run(b.t, "/", "svc", "-u", scan+"/scc")
	b.await(has("form.login"))
	b.fillLogin("anna", passwordOf("anna"))
	b.awaitCondition("nginx", "verified")
}
