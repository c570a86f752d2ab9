package integration

import (
	"encoding/json"
	"fmt"
	"net"
	"strings"
	"testing"
)

// TestBrowser uses the pages of the control centre as an administrator does, in
// Debian's Chromium, for services that are Debian's daemons. There is one
// browser for all, since it takes long to start.
func TestBrowser(t *testing.T) {
	t.Parallel()
	b := startBrowser(t)
	scan, address := startSite(t)
	b.origin = "http://" + address
	cases := []struct {
		name    string
		test    func(b *browser, scan string)
		trouble []string // what the console may tell of
	}{
		{"login", testLogin, []string{"status of 401"}},
		{"list", testList, nil},
		{"start and stop", testStartStop, nil},
		{"boot switch", testBootSwitch, nil},
		{"live", testLive, nil},
		{"service", testServicePage, nil},
		{"log", testLogPage, nil},
		{"no scripts", testNoScripts, nil},
		{"pages", testPages, []string{"status of 404"}},
		{"viewer", testViewer, nil},
		{"first page", testFirstPage, nil},
		{"connection lost", testConnectionLost, []string{"net::ERR_"}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			b := b.in(t)
			defer func() {
				if t.Failed() {
					b.screenshot("failed-" + strings.ReplaceAll(c.name, " ", "-"))
				}
			}()
			b.signIn("anna")
			b.log("browser")
			b.log("performance") // what has been before, be it a page of the browser's own
			c.test(b, scan)
			b.checkConsole(c.trouble)
			b.checkRequests()
		})
	}
}

// startSite starts svscan for some services, one of them the control centre,
// and returns the scan directory and the address of the control centre.
func startSite(t *testing.T) (scan, address string) {
	t.Helper()
	scan, address = t.TempDir(), freeAddress(t)
	passwd := scan + "/.passwd"
	setPassword(t, passwd, "anna")
	setPassword(t, passwd, "victor", "--viewer")
	const logRun = "#!/bin/sh\nexec multilog t s4096 n9 ./main\n"
	port := func(script string) string {
		_, port, _ := net.SplitHostPort(freeAddress(t))
		return strings.ReplaceAll(script, "PORT", port)
	}
	installed(t, "/usr/sbin/nginx", "nginx")
	writeService(t, scan+"/nginx", port(nginxRun), "log/run", logRun, "start", nginxStart)
	installed(t, "/usr/bin/redis-server", "redis-server")
	writeService(t, scan+"/redis", port(redisRun), "log/run", logRun, "down", "")
	writeService(t, scan+"/speaker", "#!/bin/sh\nexec tail -n +1 -F said\n",
		"log/run", logRun, "said", strings.Join(numbered("line", 300), "\n")+"\n")
	writeService(t, scan+"/scc", fmt.Sprintf("#!/bin/sh\nexec 2>&1\nexec scc --listen %s --passwd %s %s\n", address, passwd, scan),
		"log/run", logRun)
	writeService(t, scan+"/broken", "#!/bin/sh\nexit 7\n", "down", "")
	writeService(t, scan+"/odd <b>'&\"%2F", forever)
	startDaemon(t, "/", "svscan", scan)
	eventually(t, "the control centre serves", func() bool {
		conn, err := net.Dial("tcp", address)
		if err == nil {
			conn.Close()
		}
		return err == nil
	})
	return scan, address
}

// setPassword makes an account, whose password signIn knows.
func setPassword(t *testing.T, file, name string, options ...string) {
	t.Helper()
	line := fmt.Sprintf("echo %q | scc --passwd %s passwd %s %s", passwordOf(name), file, strings.Join(options, " "), name)
	if r := run(t, "/", "sh", "-c", line); r.code != 0 {
		t.Fatalf("%s: %+v", line, r)
	}
}

func passwordOf(name string) string { return "password of " + name }

// nginxStart waits until nginx listens, and says so.
const nginxStart = `#!/bin/sh
echo 'Waiting for nginx..'
svc -u .
until [ -s pid ]; do sleep .01; done
`

// checkConsole looks for what the pages have done wrong: errors of scripts,
// what the Content-Security-Policy forbids, what could not be loaded.
func (b *browser) checkConsole(allowed []string) {
	b.t.Helper()
	for _, entry := range b.log("browser") {
		expected := false
		for _, text := range allowed {
			expected = expected || strings.Contains(entry.Message, text)
		}
		if !expected {
			b.t.Errorf("the console has %q", entry.Message)
		}
	}
}

// An event is one that the developer tools have told of.
type event struct {
	Method string
	Params struct {
		Request           struct{ URL string }
		EventName         string
		EncodedDataLength float64
	}
}

// events returns those since the last time.
func (b *browser) events() (events []event) {
	b.t.Helper()
	for _, entry := range b.log("performance") {
		var e struct{ Message event }
		check(b.t, json.Unmarshal([]byte(entry.Message), &e))
		events = append(events, e.Message)
	}
	return events
}

// requests returns the URLs of those since the last time.
func (b *browser) requests() (urls []string) {
	b.t.Helper()
	for _, e := range b.events() {
		if e.Method == "Network.requestWillBeSent" {
			urls = append(urls, e.Params.Request.URL)
		}
	}
	return urls
}

func (b *browser) checkRequests() {
	b.t.Helper()
	for _, url := range b.requests() {
		if !strings.HasPrefix(url, b.origin+"/") {
			b.t.Errorf("%s is loaded, which is elsewhere", url)
		}
	}
}

// signIn has somebody logged in, and nobody else.
func (b *browser) signIn(name string) {
	b.t.Helper()
	b.call("DELETE", "/cookie", nil, nil)
	b.open("/login")
	b.fillLogin(name, passwordOf(name))
	eventually(b.t, name+" is logged in", func() bool { return b.path() == "/" })
}

func (b *browser) fillLogin(name, password string) {
	b.t.Helper()
	b.fill("#name", name)
	b.fill("#password", password)
	b.click("[data-action=login]")
}

// row selects what is in the row of a service, for which the beginning of its
// name is enough, and has is an expression for the first that is selected.
func row(service, css string) string { return fmt.Sprintf(`tr[data-service^="%s"] %s`, service, css) }

func has(css string) string { return fmt.Sprintf("document.querySelector(%q)", css) }

// awaitCondition waits until the list shows a service in a condition.
func (b *browser) awaitCondition(service, condition string) {
	b.t.Helper()
	b.await(has(row(service, ".badge")) + ".closest('tr').dataset.condition == '" + condition + "'")
}
