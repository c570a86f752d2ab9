package service

import (
	"bufio"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// A relative is a process that a service starts, and that survives it.
type relative struct {
	what    string
	command string // for the shell that is the service; prints its pid
	belongs bool
	cause   string
}

var relatives = []relative{
	{"a child", "sleep 1000 & echo $!", true, "run lacks the word exec before this program"},
	{"a child that ignores TERM", "(trap '' TERM; exec sleep 1000) & echo $!", true, "run lacks the word exec before this program"},
	{"an orphan of the group", "(sleep 1000 & echo $!)", true, "nobody told it to end"},
	{"an orphan with the marker", "(SVC_DIR=$DIR setsid sleep 1000 & echo $!)", true, "it went into the background: let it stay in the foreground, else use fghack"},
	{"an orphan with the marker through a link", "(SVC_DIR=$LINK setsid sleep 1000 & echo $!)", true, "it went into the background: let it stay in the foreground, else use fghack"},
	{"a child with the marker of another service", "SVC_DIR=/ sleep 1000 & echo $!", false, ""},
	{"a stranger", "(setsid sleep 1000 & echo $!)", false, ""},
}

// TestLeftovers lets a service die of KILL and looks for what is left of it. The
// service founds a group and a session, as one that calls pgrphack does. A list
// of processes in which it is not is of no use.
func TestLeftovers(t *testing.T) {
	for _, r := range relatives {
		for _, listed := range []string{"not", "before", "now"} {
			t.Run(r.what+", processes listed: "+listed, func(t *testing.T) {
				t.Parallel()
				testLeftovers(t, r, listed)
			})
		}
	}
}

func testLeftovers(t *testing.T, r relative, listed string) {
	dir := t.TempDir()
	link := t.TempDir() + "/link"
	check(t, os.Symlink(dir, link))
	lists := map[string]*Processes{"before": ListProcesses()}
	leader, survivor := startFamily(t, r.command, "DIR="+dir, "LINK="+link)
	lists["now"] = ListProcesses()
	f := findFamily(dir, leader.Pid, lists[listed])
	endService(t, leader)

	left := f.leftovers(false)
	if got := slices.ContainsFunc(left, func(l Leftover) bool { return l.Pid == survivor.Pid }); got != r.belongs || len(left) > 1 {
		t.Errorf("leftovers = %+v, %d among them is %t, want %t", left, survivor.Pid, got, r.belongs)
	}
	for _, l := range left {
		if !strings.HasPrefix(l.Command, "sleep 1000") || l.Cause != r.cause || time.Since(l.Since) > time.Minute {
			t.Errorf("leftover = %+v, want one of sleep 1000, just started, because %q", l, r.cause)
		}
	}
	if left := f.leftovers(true); left != nil || survivor.exists() == r.belongs {
		t.Errorf("leftovers with kill = %v, and %d exists is %t, want none, %t", left, survivor.Pid, survivor.exists(), !r.belongs)
	}
}

// startFamily starts a shell as the service, which starts a relative, and
// returns both.
func startFamily(t *testing.T, command string, environment ...string) (leader, survivor process) {
	t.Helper()
	shell := exec.Command("sh", "-c", command+"\nread forever")
	shell.Env = append(os.Environ(), environment...)
	shell.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	_, err := shell.StdinPipe() // never written to
	check(t, err)
	out, err := shell.StdoutPipe()
	check(t, err)
	check(t, shell.Start())
	done := make(chan struct{})
	line, err := bufio.NewReader(out).ReadString('\n')
	check(t, err)
	go func() { shell.Process.Wait(); close(done) }()
	pid, err := strconv.Atoi(strings.TrimSpace(line))
	check(t, err)
	leader, _ = readProcess(shell.Process.Pid)
	survivor, ok := readProcess(pid)
	if !ok {
		t.Fatalf("there is no process %d", pid)
	}
	awaitProgram(t, survivor)
	t.Cleanup(func() {
		shell.Process.Kill()
		<-done
		survivor.signal(unix.SIGKILL)
		survivor.await(time.Now().Add(time.Minute))
	})
	return leader, survivor
}

// awaitProgram waits until a process has become the program that it is to be.
func awaitProgram(t *testing.T, p process) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); time.Sleep(endInterval) {
		if now, ok := readProcess(p.Pid); ok && now.Name == "sleep" {
			return
		}
	}
	t.Fatalf("process %d never becomes sleep", p.Pid)
}

// endService ends the service, as its supervisor would.
func endService(t *testing.T, leader process) {
	t.Helper()
	leader.signal(unix.SIGKILL)
	if left := awaitEnd([]process{leader}, 20*time.Second); left != nil {
		t.Fatalf("process %d does not end on KILL", leader.Pid)
	}
}
