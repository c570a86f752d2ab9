package supervisor

import (
	"time"

	"syn3d/protocol"

	"golang.org/x/sys/unix"
)

// Throttle is the least time between two starts of a service by itself. A
// start that an administrator asks for is not held up.
const Throttle = time.Second

// A Machine is what one service is and what it should do next. It is told
// what happened and when, and knows nothing of files, processes or clocks.
// The zero value is not of use; see NewMachine.
//
// Callers report with Control, Started, Failed, Unrunnable and Exited, and after
// each of them do what Next says until it says Wait.
type Machine struct {
	want    protocol.Want
	pid     int       // 0 means down
	since   time.Time // when pid last changed
	paused  bool      // by command, that is: nobody asks the process
	termed  bool      // this instance was sent a TERM
	leaving bool      // done as soon as down, once and for all

	due     bool      // a start is to come
	dueAt   time.Time // not before then
	started time.Time // when the last start was tried
}

// An Action is what a Machine wants done.
type Action int

const (
	Wait  Action = iota // for an event, or for the time that comes with it
	Start               // the service, and report Started, Failed or Unrunnable
	Done                // stop supervising: the service is down and is to stay so
)

// NewMachine returns the machine of a service that is down now, and starts at
// once unless it is normally down.
func NewMachine(normallyDown bool, now time.Time) *Machine {
	if normallyDown {
		return &Machine{want: protocol.WantDown, since: now}
	}
	return &Machine{want: protocol.WantUp, since: now, due: true, dueAt: now}
}

// Control carries out a command and returns the signals to send to the
// service, in order: none if it is down. Unknown commands do nothing.
func (m *Machine) Control(c protocol.Command, now time.Time) []unix.Signal {
	switch c {
	case protocol.Up:
		m.want = protocol.WantUp
		m.startNow(now)
	case protocol.Once:
		m.want = protocol.WantOnce
		m.startNow(now)
	case protocol.Down:
		m.want = protocol.WantDown
		m.due = false
	case protocol.Exit:
		m.leaving = true
	}
	if m.pid == 0 {
		return nil
	}
	switch c {
	case protocol.Pause:
		m.paused = true
	case protocol.Continue:
		m.paused = false
	case protocol.Terminate:
		m.termed = true
	case protocol.Down:
		// A stopped process would not see the TERM before it continues.
		m.termed = true
		m.paused = false
		return []unix.Signal{unix.SIGTERM, unix.SIGCONT}
	}
	if signal := c.Signal(); signal != 0 {
		return []unix.Signal{signal}
	}
	return nil
}

// startNow makes a start due at once, whatever the throttle says. For one that
// is up, be it on its way down, it is not lifted: else a service that tells
// itself to go down and up would do nothing else.
func (m *Machine) startNow(now time.Time) {
	if m.pid == 0 {
		m.due, m.dueAt = true, now
	}
}

// Started reports that the service now runs as pid.
func (m *Machine) Started(pid int, now time.Time) {
	m.pid, m.since, m.started = pid, now, now
	m.due, m.paused, m.termed = false, false, false
}

// Failed reports that no process could be had for the start. It stays due.
func (m *Machine) Failed(now time.Time) {
	m.started = now
	m.dueAt = now.Add(Throttle)
}

// Unrunnable reports that a start got as far as ./run, which could not be
// executed: an instance that ended before it began.
func (m *Machine) Unrunnable(now time.Time) {
	m.started = now
	m.restart(now)
}

// Exited reports that the service has ended.
func (m *Machine) Exited(now time.Time) {
	m.pid, m.since = 0, now
	m.paused, m.termed = false, false
	m.restart(now)
}

func (m *Machine) restart(now time.Time) {
	m.due = m.want == protocol.WantUp
	m.dueAt = m.started.Add(Throttle)
}

// Next returns what to do now, and, with Wait, when to ask again even if
// nothing happens: the zero time means never.
func (m *Machine) Next(now time.Time) (Action, time.Time) {
	switch {
	case m.pid != 0:
		return Wait, time.Time{}
	case m.leaving:
		return Done, time.Time{}
	case !m.due:
		return Wait, time.Time{}
	case now.Before(m.dueAt):
		return Wait, m.dueAt
	}
	return Start, time.Time{}
}

// Status returns the status record.
func (m *Machine) Status() protocol.Status {
	return protocol.Status{
		Since:  protocol.LabelOf(m.since),
		Pid:    uint32(m.pid),
		Paused: m.paused,
		Want:   m.want,
		Termed: m.termed,
	}
}
