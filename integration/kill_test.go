package integration

import (
	"fmt"
	"math/rand/v2"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"syn3d/protocol"

	"golang.org/x/sys/unix"
)

// TestRandomKills kills services at random for a while. In the end each of
// them is up exactly once, and at no time were two instances of one.
func TestRandomKills(t *testing.T) {
	modes(t, func(t *testing.T, options ...string) {
		const services, kills = 500, 800
		scan, journals := t.TempDir(), t.TempDir()
		names := numbered("s", services)
		for _, name := range names {
			writeService(t, scan+"/"+name, witness(journals+"/"+name, untilTold))
		}
		svscan := startSvscan(t, scan, options...)
		awaitAllUp(t, scan, names, nil)

		killed := map[string]int{} // the last process killed, by name
		random := rand.New(rand.NewPCG(1, 2))
		for range kills {
			name := names[random.IntN(services)]
			status, err := protocol.ReadStatus(scan + "/" + name)
			if err != nil {
				t.Fatal(err)
			}
			if status.Up() {
				killed[name] = int(status.Pid)
				unix.Kill(int(status.Pid), unix.SIGKILL)
			}
			time.Sleep(time.Duration(random.IntN(5)) * time.Millisecond)
		}

		up := awaitAllUp(t, scan, names, killed)
		running := processesIn("sleep")
		for _, name := range names {
			if got := running[scan+"/"+name]; len(got) != 1 || got[0] != up[name] {
				t.Errorf("%s runs as %v, want only %d, as svstat says", name, got, up[name])
			}
			history := starts(t, journals+"/"+name)
			if last := history[len(history)-1]; last != up[name] {
				t.Errorf("%s: last start is of process %d, want %d, as svstat says", name, last, up[name])
			}
		}
		svscan.signal(unix.SIGTERM)
		if code := svscan.wait(); code != 0 {
			t.Errorf("svscan ends with %d on TERM, want 0", code)
		}
		for _, name := range names {
			if alive(up[name]) {
				t.Errorf("%s, process %d, survives svscan", name, up[name])
			}
		}
	})
}

// awaitAllUp waits until every service is up, as another process than the one
// it had when it was killed, and has come so far as to run sleep. It returns
// the processes by name.
func awaitAllUp(t *testing.T, scan string, names []string, killed map[string]int) (up map[string]int) {
	t.Helper()
	eventually(t, "all services are up", func() bool {
		up = pids(t, scan, names)
		for _, name := range names {
			if up[name] == 0 || up[name] == killed[name] {
				return false
			}
		}
		running := processesIn("sleep")
		for _, name := range names {
			if !slices.Contains(running[scan+"/"+name], up[name]) {
				return false
			}
		}
		return true
	})
	return up
}

// pids returns the processes of services by name, as svstat tells of them:
// none of those that are not up.
func pids(t *testing.T, scan string, names []string) map[string]int {
	t.Helper()
	svstat := exec.Command("svstat", names...)
	svstat.Dir = scan
	out, err := svstat.Output()
	if err != nil {
		t.Fatalf("svstat: %v", err)
	}
	up := map[string]int{}
	for _, line := range strings.Split(string(out), "\n") {
		name, state, _ := strings.Cut(line, ": ")
		var pid int
		if n, _ := fmt.Sscanf(state, "up (pid %d)", &pid); n == 1 {
			up[name] = pid
		}
	}
	return up
}
