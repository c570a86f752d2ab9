package integration

import (
	"net/http"
	"os"
	"strconv"
	"strings"
	"testing"
)

// lingering takes until a file has come to end.
const lingering = "#!/bin/sh\ntrap 'while [ ! -e go ]; do sleep 0.05; done; exit 0' TERM\nwhile :; do sleep 0.1; done\n"

// begin has something done to a service, of which nobody waits for the end. The
// code of the answer comes by the channel.
func (c *centre) begin(name, action string) <-chan int {
	code := make(chan int, 1)
	go func() { // until it is answered, or the control centre ends
		response, err := c.client.Post("http://scc/api/v1/services/"+name+"/"+action, "", nil)
		if err != nil {
			code <- 0
			return
		}
		response.Body.Close()
		code <- response.StatusCode
	}()
	return code
}

// TestCentreLastChoiceCounts asks for a stop while a start, and a restart, are
// under way, which would bring the service up later.
func TestCentreLastChoiceCounts(t *testing.T) {
	t.Parallel()
	scan := t.TempDir()
	writeService(t, scan+"/slow", forever, "down", "", "start", "#!/bin/sh\nsvc -u .\nexec sleep 100000\n")
	writeService(t, scan+"/stubborn", lingering)
	c := startCentre(t, scan)
	c.awaitCondition("stubborn", "verified")

	start := c.begin("slow", "start")
	c.awaitCondition("slow", "starting")
	c.act("slow", "stop", 200)
	restart := c.begin("stubborn", "restart")
	c.awaitCondition("stubborn", "stopping")
	stop := c.begin("stubborn", "stop")
	eventually(t, "the stop is chosen", func() bool { return exists(scan + "/stubborn/down") })
	writeFile(t, scan+"/stubborn/go")
	if got := []int{<-start, <-restart, <-stop}; got[0] != http.StatusConflict || got[1] != http.StatusConflict || got[2] != http.StatusOK {
		t.Errorf("start, restart and stop: %v", got)
	}
	for _, name := range []string{"slow", "stubborn"} {
		if !exists(scan+"/"+name+"/down") || pid(t, scan+"/"+name) != 0 {
			t.Errorf("%s, which was stopped last: pid %d", name, pid(t, scan+"/"+name))
		}
	}
}

// TestCentreBootStateIsChosenAtOnce asks for a stop that has to wait, and for a
// start at boot meanwhile.
func TestCentreBootStateIsChosenAtOnce(t *testing.T) {
	t.Parallel()
	scan := t.TempDir()
	writeService(t, scan+"/deaf", forever, "start", "#!/bin/sh\ntrap '' TERM\necho $$ >script\nsvc -u .\nwhile :; do sleep 0.1; done\n", "down", "")
	c := startCentre(t, scan)
	start := c.begin("deaf", "start")
	c.awaitCondition("deaf", "starting")
	stop := c.begin("deaf", "stop")
	eventually(t, "the stop is chosen", func() bool { return exists(scan + "/deaf/down") })
	script, err := strconv.Atoi(strings.Join(lines(t, scan+"/deaf/script"), ""))
	if err != nil || !alive(script) {
		t.Errorf("the boot state had to wait for the end of a start script: %d, %v", script, err)
	}
	c.act("deaf", "enable", 200)
	<-start
	if code := <-stop; code != http.StatusOK || exists(scan+"/deaf/down") || pid(t, scan+"/deaf") != 0 {
		t.Errorf("stop: %d; the service, down now and enabled since: pid %d, down file %t", code, pid(t, scan+"/deaf"), exists(scan+"/deaf/down"))
	}
}

// TestCentreEndsAmidRestart has the control centre end while it restarts a
// service, which must not stay down for that.
func TestCentreEndsAmidRestart(t *testing.T) {
	t.Parallel()
	scan := t.TempDir()
	writeService(t, scan+"/stubborn", lingering, "log/run", "#!/bin/sh\nexec cat >/dev/null\n")
	writeService(t, scan+"/scc/log", "#!/bin/sh\nexec multilog ./main\n")
	c := startCentre(t, scan)
	c.awaitCondition("stubborn", "verified")
	before := pid(t, scan+"/stubborn")
	restart := c.begin("stubborn", "restart")
	c.awaitCondition("stubborn", "stopping")
	run(t, "/", "svcrestart", scan+"/scc")
	<-restart
	writeFile(t, scan+"/stubborn/go")
	eventually(t, "another instance", func() bool { after := pid(t, scan+"/stubborn"); return after > 0 && after != before })
	log, _ := os.ReadFile(scan + "/scc/log/main/current")
	if want := "restart stubborn for uid "; !strings.Contains(string(log), want) || !strings.Contains(string(log), "FAILED: interrupted") {
		t.Errorf("the log %q does not tell of what was interrupted", log)
	}
}
