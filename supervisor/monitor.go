package supervisor

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"syn3d/protocol"

	"golang.org/x/sys/unix"
)

const (
	// reportPause is the least time between two reports about a service.
	reportPause = 10 * time.Second

	// reportLimit is how long the monitor command may take.
	reportLimit = 15 * time.Second
)

// The states that a report can give, in the words of syn3-state.
const (
	stateOK       = "OK"
	stateCaution  = "CAUTION"
	stateCritical = "CRITICAL"
)

// A monitor reports about one service through the monitor command: one report
// at a time, of those that come meanwhile only the newest, and not too often.
// Supervision never waits for it. The zero value with a loop and a name is
// ready.
type monitor struct {
	loop *loop
	name string // of the service, for the monitor

	told    report // the last one handed over
	pending report
	pid     int         // of the command, 0 if none runs
	timer   *time.Timer // that ends the command
	notYet  bool
	left    mark // by the command, when it ended last
}

type report struct{ state, message string }

// report hands on a state as soon as may be: what the loop has to do now, such
// as to start the service again, comes first.
func (m *monitor) report(state, message string) {
	if strings.HasPrefix(m.name, "-") {
		return // the command would take it for an option
	}
	m.pending = report{state, message}
	m.loop.whenSpare(m.send)
}

// recovered reports that the service works, if anything else has been said.
func (m *monitor) recovered() {
	if m.told.state != "" && m.told.state != stateOK || m.pending.state != "" {
		m.report(stateOK, "Started")
	}
}

// troubled reports whether the last word about the service was a bad one.
func (m *monitor) troubled() bool { return m.trouble() != "" }

// trouble returns the state in that word, "" if it was a good one.
func (m *monitor) trouble() string {
	last := m.told
	if m.pending.state != "" {
		last = m.pending
	}
	if last.state == stateOK {
		return ""
	}
	return last.state
}

func (m *monitor) send() {
	if m.pid != 0 || m.notYet || m.pending.state == "" {
		return
	}
	m.told, m.pending = m.pending, report{}
	command := monitorCommand()
	if command == "" {
		return
	}
	pid, err := m.loop.start(program{
		path: command, argv: []string{command, m.name, m.told.state, m.told.message},
		env: m.loop.environ, stdin: 0, out: 2, errors: 2, group: true,
	}, m.exited)
	if err != nil {
		m.loop.say("supervise: warning: " + (&protocol.Error{What: "unable to run " + command, Err: err}).Error())
		return
	}
	m.pid, m.notYet = pid, true
	m.signalAfter(reportLimit, unix.SIGTERM)
	m.loop.after(reportPause, func() {
		m.notYet = false
		m.send()
	})
}

// signalAfter sends a signal to a command that still runs then, and KILL if it
// does not end upon that. By then the pid may be that of another child.
func (m *monitor) signalAfter(d time.Duration, signal unix.Signal) {
	pid := m.pid
	m.timer = m.loop.after(d, func() {
		if m.pid != pid {
			return
		}
		m.loop.signalGroup(pid, signal)
		if signal != unix.SIGKILL {
			m.signalAfter(killAfter, unix.SIGKILL)
		}
	})
}

func (m *monitor) exited(unix.WaitStatus) {
	m.timer.Stop()
	m.pid, m.left = 0, m.mark()
	m.send()
}

// monitorCommand returns the path of $SYN3_STATE, or else of syn3-state, "" if
// there is none: then there is no monitor.
func monitorCommand() string {
	name := os.Getenv("SYN3_STATE")
	if name == "" {
		name = "syn3-state"
	}
	return findProgram(name)
}

// findProgram looks a program up as a shell would. It returns "" if there is
// none.
func findProgram(name string) string {
	file, _ := protocol.Executable(protocol.Candidates(name, protocol.Path(os.Environ())))
	return file
}

// monitorName returns the name under which the monitor knows the service in an
// absolute directory: that of the directory, NAME-log for the log of NAME.
func monitorName(dir string) string {
	base := filepath.Base(dir)
	if base == protocol.LogDir {
		return filepath.Base(filepath.Dir(dir)) + "-" + base
	}
	return base
}

// toldSince reports whether somebody else than us has told the monitor something
// since before.
func (m *monitor) toldSince(before mark) bool {
	now := m.mark()
	return now != before && now != m.left
}

// A mark tells whether the monitor has been told something meanwhile.
type mark struct {
	ino  uint64
	time unix.Timespec
}

func (m *monitor) mark() mark {
	var st unix.Stat_t
	if unix.Stat(protocol.StateFile(m.name), &st) != nil {
		return mark{}
	}
	return mark{st.Ino, st.Mtim}
}

// reportCrash tells the monitor how the service ended, and how often it does.
func (s *service) reportCrash(exit protocol.ExitStatus) {
	now := time.Now()
	if s.machine.Looping() {
		s.monitor.report(stateCritical, fmt.Sprintf("Crashes again and again, next start in %d s: %v",
			s.machine.Delay(now).Round(time.Second)/time.Second, exit))
		return
	}
	times := ""
	if n := s.machine.Crashes(now); n > 1 {
		times = fmt.Sprintf(" %d times in a minute", n)
	}
	s.monitor.report(stateCaution, fmt.Sprintf("Crashed%s: %v", times, exit))
}

// awaitLasting reports that the service works when it has run well, unless
// stopLasting is called before, be it when that is on its way already.
func (s *service) awaitLasting() {
	var timer *time.Timer
	timer = s.loop.after(goodRun, func() {
		if s.lasts == timer {
			s.monitor.recovered()
		}
	})
	s.lasts = timer
}

func (s *service) stopLasting() {
	if s.lasts != nil {
		s.lasts.Stop()
		s.lasts = nil
	}
}
