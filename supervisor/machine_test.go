package supervisor

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"syn3d/protocol"

	"golang.org/x/sys/unix"
)

// A player plays a script to a machine and writes down what comes of it.
//
// In a script a letter is that command, and
//
//   - the service ends by itself
//   - the service is killed by the last signal that it was sent
//     ~  time passes until the machine wants to be asked again
//     =  a tenth of a second passes
//     #  a minute passes
//     .  the end is let happen
//     !  the next start finds no process to be had
//     ?  the next start finds run not to be executable
//
// In a trace + is a start, ! and ? are starts that failed so, a number is the
// milliseconds that ~ took, names are signals, and "done" is the end.
type player struct {
	machine *Machine
	now     time.Time
	pids    int
	failure byte // of the next start, 0 for none
	delay   time.Duration
	sent    unix.Signal
	crashed bool // the last end
	trace   []string
	done    bool
}

func newPlayer(normallyDown bool) *player {
	now := time.Unix(1e9, 0)
	p := &player{machine: NewMachine(normallyDown, now), now: now, delay: growing}
	p.settle()
	return p
}

func (p *player) play(event byte) {
	if p.done {
		return
	}
	switch event {
	case '-':
		p.end(protocol.ExitStatus{Code: 1})
	case '*':
		p.end(protocol.ExitStatus{Signal: p.sent})
	case '#':
		p.now = p.now.Add(time.Minute)
	case '~':
		if _, until := p.machine.Next(p.now); !until.IsZero() {
			p.note(fmt.Sprint(until.Sub(p.now).Milliseconds()))
			p.now = until
		}
	case '=':
		p.now = p.now.Add(100 * time.Millisecond)
	case '.':
		p.machine.LetEnd()
	case '!', '?':
		p.failure = event
		return
	default:
		for _, s := range p.machine.Control(protocol.Command(event), p.now) {
			p.note(strings.TrimPrefix(unix.SignalName(s), "SIG"))
			p.sent = s
		}
	}
	p.settle()
}

func (p *player) end(exit protocol.ExitStatus) {
	if p.machine.pid != 0 {
		p.crashed = p.machine.Exited(exit, p.delay, p.now)
	}
}

// settle does what the machine wants until it waits.
func (p *player) settle() {
	for {
		switch action, _ := p.machine.Next(p.now); action {
		case Wait:
			return
		case Done:
			p.done = true
			p.note("done")
			return
		case Start:
			p.start()
		}
	}
}

func (p *player) start() {
	switch p.failure {
	case '!':
		p.machine.Failed(p.now)
		p.note("!")
	case '?':
		p.machine.Unrunnable(p.now)
		p.note("?")
	default:
		p.pids++
		p.machine.Started(p.pids, p.now)
		p.note("+")
	}
	p.failure = 0
}

func (p *player) note(what string) { p.trace = append(p.trace, what) }

func TestMachine(t *testing.T) {
	const up, down = false, true
	tests := []struct {
		name         string
		normallyDown bool
		script       string
		trace        string
		status       string // of svstat, without the seconds
	}{
		{"starts", up, "", "+", "up 1"},
		{"normally down", down, "", "", "down, want d"},
		{"up", down, "u", "+", "up 1"},
		{"up twice", down, "uu", "+", "up 1"},
		{"down", up, "d", "+ TERM CONT", "up 1, want d, termed"},
		{"down and ended", up, "d-", "+ TERM CONT", "down, want d"},
		{"down while down", down, "d", "", "down, want d"},
		{"once", down, "o-~", "+", "down, want once"},
		{"once while up", up, "o-~", "+", "down, want once"},
		{"once twice", down, "o-o", "+ +", "up 2, want once"},

		{"restarted a second after its start", up, "=-~", "+ 900 +", "up 2"},
		{"restarted at once after a second", up, "===========-", "+ +", "up 2"},
		{"throttled anew each time", up, "-~-~", "+ 1000 + 1000 +", "up 3"},
		{"up does not wait for the throttle", up, "-u", "+ +", "up 2"},
		{"once does not wait for the throttle", up, "-o-~", "+ +", "down, want once"},
		{"down while throttled", up, "-d~", "+", "down, want d"},
		{"up right after down", up, "d-u", "+ TERM CONT +", "up 2"},
		{"down and up while up", up, "du-~", "+ TERM CONT 1000 +", "up 2"},
		{"down, up and down while up", up, "dud-", "+ TERM CONT TERM CONT", "down, want d"},
		{"up while up asks for nothing", up, "uu-~", "+ 1000 +", "up 2"},
		{"up and down while down", down, "ud", "+ TERM CONT", "up 1, want d, termed"},

		{"pause", up, "p", "+ STOP", "up 1, paused"},
		{"continue", up, "pc", "+ STOP CONT", "up 1"},
		{"down wakes", up, "pd", "+ STOP TERM CONT", "up 1, want d, termed"},
		{"pause while down is forgotten", down, "pu", "+", "up 1"},
		{"a new instance is not paused", up, "pk-~", "+ STOP KILL 1000 +", "up 2"},
		{"signals", up, "haitkq12w", "+ HUP ALRM INT TERM KILL QUIT USR1 USR2 WINCH", "up 1, termed"},
		{"no signals while down", down, "haitkq12wpc", "", "down, want d"},
		{"a new instance has had no TERM", up, "t-~", "+ TERM 1000 +", "up 2"},
		{"unknown bytes", up, "zU \n\x00\xff", "+", "up 1"},

		{"exit while down", down, "x", "done", "down, want d"},
		{"nothing after exit", down, "xu", "done", "down, want d"},
		{"exit while up", up, "x-", "+ done", "down"},
		{"exit and down", up, "xd-", "+ TERM CONT done", "down, want d"},
		{"down and exit", up, "dx-", "+ TERM CONT done", "down, want d"},
		{"exit while throttled", up, "-x", "+ done", "down"},
		{"once and exit", down, "ox-", "+ done", "down, want once"},
		{"exit cannot be taken back", up, "xuuo-", "+ done", "down, want once"},

		{"an end that is let happen", up, ".-~", "+", "down, want once"},
		{"let end, and killed", up, ".k*~", "+ KILL", "down, want once"},
		{"let end, and then taken down", up, ".dx-", "+ TERM CONT done", "down, want d"},
		{"let end while throttled", up, "-.~", "+", "down, want once"},

		{"no process", down, "!u~", "! 1000 +", "up 1"},
		{"no process for once", down, "!o~", "! 1000 +", "up 1, want once"},
		{"no process, again", down, "!u!~~", "! 1000 ! 1000 +", "up 1"},
		{"down while there is no process", down, "!ud~", "!", "down, want d"},
		{"exit while there is no process", down, "!ux", "! done", "down"},
		{"up while there is no process", down, "!uu", "! +", "up 1"},
		{"not executable", down, "?u~", "? 1000 +", "up 1"},
		{"not executable for once", down, "?o~", "?", "down, want once"},
		{"not executable, again", down, "?u?~~", "? 1000 ? 1000 +", "up 1"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			p := newPlayer(test.normallyDown)
			for i := range len(test.script) {
				p.play(test.script[i])
			}
			if trace := strings.Join(p.trace, " "); trace != test.trace {
				t.Errorf("play(%q) = %q, want %q", test.script, trace, test.trace)
			}
			if status := words(p.machine.Status()); status != test.status {
				t.Errorf("after %q the status is %q, want %q", test.script, status, test.status)
			}
		})
	}
}

// TestCrashes plays ends that nobody asked for.
func TestCrashes(t *testing.T) {
	const six = "-~-~-~-~-~-~"
	for _, test := range []struct {
		name    string
		delay   time.Duration // the file restart-delay
		script  string
		trace   string
		crashes int // in the last minute
		looping bool
	}{
		{"five are free", growing, "-~-~-~-~-~", "+ 1000 + 1000 + 1000 + 1000 + 1000 +", 5, false},
		{"the delay grows", growing, six + "-~-~-~", "+" + strings.Repeat(" 1000 +", 6) + " 2000 + 4000 + 8000 +", 5, true},
		{"the delay counts from the end", growing, six + "==========-~", "+" + strings.Repeat(" 1000 +", 6) + " 2000 +", 5, true},
		{"it grows to a minute", growing, six + "-~-~-~-~-~-~-~-~", "+" + strings.Repeat(" 1000 +", 6) + " 2000 + 4000 + 8000 + 16000 + 32000 + 60000 + 60000 + 60000 +", 0, true},
		{"slow ones are all free", growing, strings.Repeat(strings.Repeat("=", 130)+"-~", 12), "+" + strings.Repeat(" +", 12), 5, false},
		{"a good minute makes up for them", growing, six + "-~#-~", "+" + strings.Repeat(" 1000 +", 6) + " 2000 + +", 1, false},
		{"less than a minute does not", growing, six + strings.Repeat("=", 599) + "-~", "+" + strings.Repeat(" 1000 +", 6) + " 2000 +", 1, true},
		{"up does not wait", growing, six + "-~-u", "+" + strings.Repeat(" 1000 +", 6) + " 2000 + +", 5, true},
		{"TERM is no crash", growing, strings.Repeat("t*~", 8), "+" + strings.Repeat(" TERM 1000 +", 8), 0, false},
		{"what TERM leads to is none", growing, "t-~", "+ TERM 1000 +", 0, false},
		{"KILL is none", growing, "k*~", "+ KILL 1000 +", 0, false},
		{"what HUP leads to is one", growing, "h-~", "+ HUP 1000 +", 1, false},
		{"a signal of before counts no longer", growing, "t*~-~", "+ TERM 1000 + 1000 +", 1, false},
		{"a TERM in a loop is restarted at once", growing, six + "-~===========t*~", "+" + strings.Repeat(" 1000 +", 6) + " 2000 + TERM +", 5, true},
		{"wanted down is none", growing, "d-", "+ TERM CONT", 0, false},
		{"once is none", growing, "o-", "+", 0, false},
		{"what is let happen is none", growing, ".-", "+", 0, false},
		{"leaving is none", growing, "x-", "+ done", 0, false},
		{"not executable is none", growing, "t*?~?~?~?~?~?~?~", "+ TERM 1000 ?" + strings.Repeat(" 1000 ?", 6), 0, false},

		{"fixed", 5 * time.Second, strings.Repeat("-~", 8), "+" + strings.Repeat(" 5000 +", 8), 5, true},
		{"fixed from the end", 5 * time.Second, "==========-~", "+ 5000 +", 1, false},
		{"fixed to nothing", 0, strings.Repeat("-~", 8), "+" + strings.Repeat(" 1000 +", 8), 5, true},
		{"fixed for a TERM, too", 5 * time.Second, "t*~", "+ TERM 5000 +", 0, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			p := newPlayer(false)
			p.delay = test.delay
			for i := range len(test.script) {
				p.play(test.script[i])
			}
			if trace := strings.Join(p.trace, " "); trace != test.trace {
				t.Errorf("play(%q) = %q, want %q", test.script, trace, test.trace)
			}
			if got := p.machine.Crashes(p.now); got != test.crashes {
				t.Errorf("Crashes() = %d, want %d", got, test.crashes)
			}
			if got := p.machine.Looping(); got != test.looping {
				t.Errorf("Looping() = %v, want %v", got, test.looping)
			}
		})
	}
}

// TestDelay has what the monitor is told of the next start.
func TestDelay(t *testing.T) {
	const six = "-~-~-~-~-~-~"
	for _, test := range []struct {
		name   string
		delay  time.Duration // the file restart-delay
		script string
		want   time.Duration
	}{
		{"throttled", growing, "==-", 800 * time.Millisecond},
		{"grown", growing, six + "-", 2 * time.Second},
		{"fixed", 5 * time.Second, six + "-", 5 * time.Second},
		{"fixed to nothing", 0, six + "===-", 700 * time.Millisecond},
		{"at once", 0, "#-", 0},
	} {
		p := newPlayer(false)
		p.delay = test.delay
		for i := range len(test.script) {
			p.play(test.script[i])
		}
		if got := p.machine.Delay(p.now); got != test.want {
			t.Errorf("%s: after %q Delay() = %v, want %v", test.name, test.script, got, test.want)
		}
	}
}

// TestHold has the start at boot wait for something else.
func TestHold(t *testing.T) {
	for _, test := range []struct {
		name         string
		normallyDown bool
		script       string // + releases it
		trace        string
	}{
		{"released", false, "==+", "+"},
		{"never released", false, "~", "5000 +"},
		{"up does not wait", false, "u", "+"},
		{"down while held", false, "d+~", ""},
		{"exit while held", false, "x", "done"},
		{"normally down is not held", true, "+~", ""},
		{"released twice", false, "++", "+"},
		{"a crash is not held", false, "+-+~", "+ 1000 +"},
	} {
		t.Run(test.name, func(t *testing.T) {
			now := time.Unix(1e9, 0)
			p := &player{machine: NewMachine(test.normallyDown, now), now: now, delay: growing}
			p.machine.Hold(now.Add(5 * time.Second))
			p.settle()
			for i := range len(test.script) {
				if test.script[i] == '+' {
					p.machine.Release(p.now)
					p.settle()
				} else {
					p.play(test.script[i])
				}
			}
			if trace := strings.Join(p.trace, " "); trace != test.trace {
				t.Errorf("play(%q) = %q, want %q", test.script, trace, test.trace)
			}
		})
	}
}

func TestReason(t *testing.T) {
	for _, test := range []struct{ name, script, want string }{
		{"begins", "", protocol.ReasonBoot},
		{"crashed", "-~", protocol.ReasonCrash},
		{"ended by command", "t*~", protocol.ReasonCrash},
		{"down and up", "d-u", protocol.ReasonCommand},
		{"up while throttled", "-u", protocol.ReasonCommand},
		{"crashed after up", "-u-~", protocol.ReasonCrash},
	} {
		p := newPlayer(false)
		for i := range len(test.script) {
			p.play(test.script[i])
		}
		if got := p.machine.Reason(); got != test.want {
			t.Errorf("%s: after %q Reason() = %q, want %q", test.name, test.script, got, test.want)
		}
	}
}

func words(s protocol.Status) string {
	text := "down"
	if s.Up() {
		text = fmt.Sprint("up ", s.Pid)
	}
	switch s.Want {
	case protocol.WantDown:
		text += ", want d"
	case protocol.WantOnce:
		text += ", want once"
	}
	if s.Paused {
		text += ", paused"
	}
	if s.Termed {
		text += ", termed"
	}
	return text
}

func TestStatusKeepsTheTimeOfTheLastChange(t *testing.T) {
	p := newPlayer(false)
	begin := p.now
	for _, event := range []byte("==ptcd") {
		p.play(event)
	}
	if got, want := p.machine.Status().Since, protocol.LabelOf(begin); got != want {
		t.Errorf("commands change the time of the status to %v, want %v", got, want)
	}
	p.play('-')
	if got, want := p.machine.Status().Since, protocol.LabelOf(p.now); got != want {
		t.Errorf("the end sets the time of the status to %v, want %v", got, want)
	}
}

// FuzzMachine checks what must hold whatever happens.
func FuzzMachine(f *testing.F) {
	f.Add(false, "d-u-~o=-x")
	f.Add(true, "!u~?-~pcx-")
	f.Add(false, ".-~u.kd-x")
	f.Fuzz(func(t *testing.T, normallyDown bool, script string) {
		p := newPlayer(normallyDown)
		var lastStart time.Time
		asked := false // for a start, since the last one
		if len(p.trace) > 0 {
			lastStart = p.now
		}
		for i := range len(script) {
			wasUp, before := p.machine.pid != 0, len(p.trace)
			asked = asked || !wasUp && (script[i] == 'u' || script[i] == 'o')
			p.play(script[i])
			for _, what := range p.trace[before:] {
				switch what {
				case "+", "!", "?":
					if wasUp && script[i] != '-' && script[i] != '*' {
						t.Fatalf("%q[%d]: a second process", script, i)
					}
					if !asked && p.now.Sub(lastStart) < Throttle {
						t.Fatalf("%q[%d]: a restart after %v", script, i, p.now.Sub(lastStart))
					}
					lastStart, asked = p.now, false
				case "done":
					if p.machine.pid != 0 || !strings.Contains(script[:i+1], "x") {
						t.Fatalf("%q[%d]: done while up or without x", script, i)
					}
				default:
					if !wasUp && what[0] >= 'A' {
						t.Fatalf("%q[%d]: %s while down", script, i, what)
					}
				}
			}
		}
	})
}
