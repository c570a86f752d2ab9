package supervisor

import (
	"os"
	"path"
	"testing"

	"syn3d/protocol"
)

// The pid of a monitor command that has ended may be given to a service: what
// was to end the command must not end that.
func TestMonitorTimerEndsWithTheCommand(t *testing.T) {
	t.Setenv("SYN3_STATE", "true")
	l, err := newLoop()
	if err != nil {
		t.Fatal(err)
	}
	m := monitor{loop: l, name: "x", pending: report{stateCaution, "Crashed"}}
	m.send()
	if m.pid == 0 {
		t.Fatal("send() runs no command")
	}
	for m.pid != 0 {
		<-l.children
		l.reap()
	}
	if m.timer.Stop() {
		t.Error("the timer of a command that has ended still runs")
	}
}

func TestMonitorName(t *testing.T) {
	for name, want := range map[string]report{
		"x":  {stateCaution, "Crashed"},
		"-x": {},
	} {
		m := monitor{loop: &loop{}, name: name}
		m.report(stateCaution, "Crashed")
		if m.pending != want {
			t.Errorf("report() about %s is to say %v, want %v", name, m.pending, want)
		}
	}
}

// What the supervisor itself has the monitor told is no word of a start script.
func TestToldSince(t *testing.T) {
	t.Setenv("SYN3_ROOT", t.TempDir())
	t.Setenv("SYN3_STATE", "true")
	l, err := newLoop()
	if err != nil {
		t.Fatal(err)
	}
	file := protocol.StateFile("x")
	if err := os.MkdirAll(path.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	tell := func() {
		os.Remove(file + ".old")
		os.Rename(file, file+".old") // which keeps its inode taken
		if err := os.WriteFile(file, nil, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	m := monitor{loop: l, name: "x", pending: report{stateCaution, "Crashed"}}
	before := m.mark()
	m.send()
	tell() // as the command does
	for m.pid != 0 {
		<-l.children
		l.reap()
	}
	if m.toldSince(before) {
		t.Error("toldSince() = true after a report of our own, want false")
	}
	tell()
	if !m.toldSince(before) {
		t.Error("toldSince() = false after another report, want true")
	}
}
