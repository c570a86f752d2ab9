package integration

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// A centre is a control centre that is a service of the scan directory that it
// shows, and a client of it.
type centre struct {
	t      *testing.T
	scan   string
	client *http.Client
}

// startCentre starts svscan for services that have been made below scan, and
// beside them the control centre, with options.
func startCentre(t *testing.T, scan string, options ...string) *centre {
	t.Helper()
	socket := t.TempDir() + "/scc.sock"
	line := "exec scc --listen unix:" + socket + " " + strings.Join(options, " ") + " " + scan
	writeService(t, scan+"/scc", "#!/bin/sh\nexec 2>&1\n"+line+"\n")
	startDaemon(t, "/", "svscan", scan)
	c := &centre{t: t, scan: scan, client: &http.Client{Transport: &http.Transport{
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, "unix", socket)
		},
	}}}
	t.Cleanup(c.client.CloseIdleConnections)
	c.awaitServing()
	return c
}

func (c *centre) awaitServing() {
	c.t.Helper()
	eventually(c.t, "the control centre serves", func() bool {
		response, err := c.client.Get("http://scc/healthz")
		if err != nil {
			return false
		}
		response.Body.Close()
		return response.StatusCode == http.StatusOK
	})
}

// ask makes a request of the API and returns the code and what was answered.
func (c *centre) ask(method, path string) (int, map[string]any) {
	c.t.Helper()
	request, err := http.NewRequest(method, "http://scc"+path, nil)
	if err != nil {
		c.t.Fatal(err)
	}
	response, err := c.client.Do(request)
	if err != nil {
		c.t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		c.t.Fatal(err)
	}
	var object map[string]any
	if err := json.Unmarshal(text, &object); err != nil {
		c.t.Fatalf("%s %s: %d %q: %v", method, path, response.StatusCode, text, err)
	}
	return response.StatusCode, object
}

// act has something done to a service, which is to succeed or not.
func (c *centre) act(name, action string, code int) map[string]any {
	c.t.Helper()
	got, object := c.ask("POST", "/api/v1/services/"+name+"/"+action)
	if got != code {
		c.t.Errorf("%s of %s: %d %v, want %d", action, name, got, object, code)
	}
	return object
}

func (c *centre) awaitCondition(name, want string) {
	c.t.Helper()
	eventually(c.t, name+" is "+want, func() bool {
		_, object := c.ask("GET", "/api/v1/services/"+name)
		return object["condition"] == want
	})
}

// TestCentreActions has the control centre do what it can do to services, and
// looks for what the mission says of boot states.
func TestCentreActions(t *testing.T) {
	t.Parallel()
	scan := t.TempDir()
	writeService(t, scan+"/web", forever, "start", "#!/bin/sh\nsvc -u .\necho 'Waiting for web <1>'\n")
	writeService(t, scan+"/broken", "#!/bin/sh\nexit 7\n", "down", "")
	c := startCentre(t, scan)
	c.awaitCondition("web", "verified")

	c.act("web", "stop", 200)
	if !exists(scan+"/web/down") || pid(t, scan+"/web") != 0 {
		t.Error("a service that was stopped is up, or has no down file")
	}
	c.awaitCondition("web", "down")
	c.act("web", "restart", 409) // it does not run
	c.act("web", "reset", 200)
	if pid(t, scan+"/web") != 0 {
		t.Error("reset has started a service that is normally down")
	}
	started := c.act("web", "start", 200)
	if exists(scan+"/web/down") || started["condition"] != "verified" {
		t.Errorf("a service that was started has a down file, or is %v", started["condition"])
	}
	before := pid(t, scan+"/web")
	c.act("web", "restart", 200)
	if after := pid(t, scan+"/web"); after <= 0 || after == before {
		t.Errorf("restart: pid %d becomes %d", before, after)
	}
	c.act("web", "disable", 200)
	if !exists(scan+"/web/down") || pid(t, scan+"/web") <= 0 {
		t.Error("a service that was disabled is down, or has no down file")
	}
	c.act("web", "enable", 200)
	if exists(scan + "/web/down") {
		t.Error("a service that was enabled has a down file")
	}

	failed := c.act("broken", "start", 409)
	result, _ := failed["result"].(map[string]any)
	if exists(scan+"/broken/down") || !strings.Contains(fmt.Sprint(result["error"]), "exit code 7") {
		t.Errorf("a service that does not start has a down file, or %v is no reason", result)
	}
	c.act("broken", "stop", 200)
	for _, path := range []string{"/api/v1/services/none/start", "/api/v1/services/..%2Fweb/start"} {
		if code, _ := c.ask("POST", path); code != http.StatusNotFound {
			t.Errorf("POST %s: %d, want %d", path, code, http.StatusNotFound)
		}
	}
}

// TestCentreRestartsItself has the control centre restart itself, as it can any
// service.
func TestCentreRestartsItself(t *testing.T) {
	t.Parallel()
	scan := t.TempDir()
	c := startCentre(t, scan)
	before := pid(t, scan+"/scc")
	if request, err := http.NewRequest("POST", "http://scc/api/v1/services/scc/restart", nil); err == nil {
		if response, err := c.client.Do(request); err == nil { // it may be gone by then
			response.Body.Close()
		}
	}
	eventually(t, "another instance", func() bool { after := pid(t, scan+"/scc"); return after > 0 && after != before })
	c.awaitServing()
}

// TestCentreEvents changes services in a shell, and sees it told to a page that
// is open.
func TestCentreEvents(t *testing.T) {
	t.Parallel()
	scan := t.TempDir()
	writeService(t, scan+"/web", forever)
	c := startCentre(t, scan)
	c.awaitCondition("web", "verified")
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, "GET", "http://scc/events", nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := c.client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	lines := bufio.NewReader(response.Body)
	awaitLine := func(words ...string) {
		t.Helper()
		for {
			line, err := lines.ReadString('\n')
			if err != nil {
				t.Fatalf("no line with %q: %v", words, err)
			}
			found := true
			for _, word := range words {
				found = found && strings.Contains(line, word)
			}
			if found {
				return
			}
		}
	}
	run(t, "/", "svc", "-d", scan+"/web")
	awaitLine("web", "down_amiss")
	writeFiles(t, scan+"/web", "down", "")
	awaitLine("web", "aria-checked=false")
	run(t, "/", "svcstart", scan+"/web")
	awaitLine("web", "verified")
	writeService(t, scan+"/fresh", forever)
	awaitLine("fresh", "verified")
}

// TestCentreLog has a page of a log, across a rotation.
func TestCentreLog(t *testing.T) {
	t.Parallel()
	scan := t.TempDir()
	writeService(t, scan+"/web", "#!/bin/sh\nexec 2>&1\nfor i in $(seq 1 302); do echo \"line $i <b>\"; done\nexec sleep 100000\n")
	writeService(t, scan+"/web/log", "#!/bin/sh\nexec multilog t s4096 n9 ./main\n")
	c := startCentre(t, scan)
	eventually(t, "the log is there", func() bool {
		files, _ := filepath.Glob(scan + "/web/log/main/[@c]*") // current may be empty just then
		return slices.ContainsFunc(files, func(file string) bool {
			lines, _ := os.ReadFile(file)
			return strings.Contains(string(lines), "line 302 ")
		})
	})
	_, part := c.ask("GET", "/api/v1/services/web/log?lines=2")
	if text := fmt.Sprint(part["lines"]); !strings.Contains(text, "line 301 <b>") || !strings.Contains(text, "line 302 <b>") {
		t.Errorf("the last two lines are %s", text)
	}
	_, part = c.ask("GET", "/api/v1/services/web/log?lines=9&search=LINE+302")
	if lines, _ := part["lines"].([]any); len(lines) != 1 {
		t.Errorf("a search for one line finds %v", part["lines"])
	}
	old, _ := filepath.Glob(scan + "/web/log/main/@*.s")
	_, part = c.ask("GET", "/api/v1/services/web/log?file="+filepath.Base(old[0])+"&lines=1000")
	if text := fmt.Sprint(part["lines"]); !strings.Contains(text, "line 1 <b>") {
		t.Errorf("the oldest file has %s", text)
	}
	for _, file := range []string{"..%2Frun", "%2Fetc%2Fpasswd", "state", "lock"} {
		if code, _ := c.ask("GET", "/api/v1/services/web/log?file="+file); code != http.StatusNotFound {
			t.Errorf("the log file %s: %d, want %d", file, code, http.StatusNotFound)
		}
	}
}

// TestCentreApart has the pages served by a process without rights.
func TestCentreApart(t *testing.T) {
	t.Parallel()
	if os.Geteuid() != 0 {
		t.Skip("only root can give up its rights")
	}
	scan := t.TempDir()
	writeService(t, scan+"/web", forever)
	c := startCentre(t, scan, "--user", "nobody")
	c.awaitCondition("web", "verified")
	c.act("web", "stop", 200)
	awaitDown(t, scan+"/web")

	agent := pid(t, scan+"/scc")
	children, err := os.ReadFile(fmt.Sprintf("/proc/%d/task/%d/children", agent, agent))
	if err != nil {
		t.Fatal(err)
	}
	pages := strings.TrimSpace(string(children))
	status, err := os.ReadFile("/proc/" + pages + "/status")
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"Uid:\t65534\t65534\t65534\t65534", "NoNewPrivs:\t1", "CapEff:\t0000000000000000"} {
		if !strings.Contains(string(status), want) {
			t.Errorf("the process of the pages has not %q in its status:\n%s", want, status)
		}
	}
	var page int
	fmt.Sscan(pages, &page)
	unix.Kill(page, unix.SIGKILL)
	eventually(t, "another agent", func() bool { again := pid(t, scan+"/scc"); return again > 0 && again != agent })
	c.awaitServing()
}
