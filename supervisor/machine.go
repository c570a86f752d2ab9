package supervisor

import (
	"time"

	"syn3d/protocol"

	"golang.org/x/sys/unix"
)

// Throttle is the least time between two starts of a service by itself. A
// start that an administrator asks for is not held up.
const Throttle = time.Second

// growing is the delay of starts that wait the longer the more the service has
// crashed.
const growing = -1

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
	sent    signals   // to this instance, by command
	leaving bool      // done as soon as down, once and for all

	due     bool      // a start is to come
	dueAt   time.Time // not before then
	reason  string    // for it, as protocol has it
	started time.Time // when the last start was tried
	crashes *crashes  // nil if there were none
}

// signals is a set of signals.
type signals uint64

func (s *signals) add(signal unix.Signal)     { *s |= 1 << signal }
func (s signals) has(signal unix.Signal) bool { return s&(1<<signal) != 0 }

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
	return &Machine{want: protocol.WantUp, since: now, due: true, dueAt: now, reason: protocol.ReasonBoot}
}

// Resume returns the machine of a service that another supervisor has left as
// status tells, with what Backoff of its machine returned. The next start waits
// for delay, which may be growing.
func Resume(status protocol.Status, backoff string, delay time.Duration, now time.Time) *Machine {
	since := status.Since.Time()
	m := &Machine{
		want: status.Want, pid: int(status.Pid), since: since, paused: status.Paused, reason: protocol.ReasonCrash,
		started: monotonic(since, now), crashes: parseCrashes(backoff, now),
	}
	if m.want == protocol.WantDown {
		m.sent.add(unix.SIGTERM)
	}
	if m.pid == 0 && m.want == protocol.WantUp {
		m.due, m.dueAt = true, m.started.Add(max(Throttle, m.delayAfter(m.crashedAt(m.started), delay)))
	}
	return m
}

// monotonic returns a moment of the wall clock, from which only the distance to
// now is taken: it may have been set, and may be again.
func monotonic(at, now time.Time) time.Time { return now.Add(-max(0, now.Sub(at))) }

// crashedAt reports whether the end of which the status tells was a crash. A
// status has no more than microseconds.
func (m *Machine) crashedAt(end time.Time) bool {
	return m.crashes != nil && !m.crashes.last().Before(end.Add(-time.Microsecond))
}

// delayAfter returns for how long a start waits after an end, be it a crash.
func (m *Machine) delayAfter(crashed bool, delay time.Duration) time.Duration {
	switch {
	case delay != growing:
		return delay
	case crashed:
		return m.crashes.delay
	}
	return 0
}

// Hold puts the start that is due at boot off, until Release or that time. A
// command does not wait for it.
func (m *Machine) Hold(until time.Time) {
	if m.Held() {
		m.dueAt = until
	}
}

// Release lets the start that is due at boot happen.
func (m *Machine) Release(now time.Time) { m.Hold(now) }

// Held reports whether the start at boot is still to come.
func (m *Machine) Held() bool { return m.due && m.reason == protocol.ReasonBoot }

// Hurry lets a start that is due happen at once, whatever it waits for.
func (m *Machine) Hurry(now time.Time) {
	if m.due {
		m.dueAt = now
	}
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
	case protocol.Down:
		// A stopped process would not see the TERM before it continues.
		m.sent.add(unix.SIGTERM)
		m.paused = false
		return []unix.Signal{unix.SIGTERM, unix.SIGCONT}
	}
	if signal := c.Signal(); signal != 0 {
		m.sent.add(signal)
		return []unix.Signal{signal}
	}
	return nil
}

// startNow makes a start due at once, whatever the throttle says. For one that
// is up, be it on its way down, it is not lifted: else a service that tells
// itself to go down and up would do nothing else.
func (m *Machine) startNow(now time.Time) {
	if m.pid == 0 {
		m.due, m.dueAt, m.reason = true, now, protocol.ReasonCommand
	}
}

// LetEnd makes whatever end the service now comes to one that is wanted: it
// is no crash, and no start follows. Nothing is sent to the service.
func (m *Machine) LetEnd() { m.want, m.due = protocol.WantOnce, false }

// Started reports that the service now runs as pid.
func (m *Machine) Started(pid int, now time.Time) {
	m.pid, m.since, m.started = pid, now, now
	m.due, m.paused, m.sent = false, false, 0
}

// Failed reports that no process could be had for the start. It stays due.
func (m *Machine) Failed(now time.Time) {
	m.started = now
	m.dueAt = now.Add(Throttle)
}

// Unrunnable reports that a start got as far as ./run, which could not be
// executed: an instance that ended before it began. It counts as no crash: the
// next start will show at little cost whether that has been mended.
func (m *Machine) Unrunnable(now time.Time) {
	m.started = now
	m.restart(0, now)
}

// Exited reports that the service has ended, and returns whether it crashed:
// it was wanted up, and no command had asked for its end. The next start waits
// for delay, which may be growing.
func (m *Machine) Exited(exit protocol.ExitStatus, delay time.Duration, now time.Time) (crashed bool) {
	crashed = m.want == protocol.WantUp && !m.leaving && !m.asked(exit)
	if crashed {
		if m.crashes == nil {
			m.crashes = &crashes{}
		}
		m.crashes.add(now.Sub(m.started), now)
	}
	m.pid, m.since = 0, now
	m.paused, m.sent = false, 0
	m.restart(m.delayAfter(crashed, delay), now)
	return crashed
}

// asked reports whether a command had asked for the end: with the signal that
// killed the service, or with one at which a service ends in an orderly way.
func (m *Machine) asked(exit protocol.ExitStatus) bool {
	if exit.Signal != 0 {
		return m.sent.has(exit.Signal)
	}
	if exit.Unknown && m.sent.has(unix.SIGKILL) {
		return true
	}
	return m.sent.has(unix.SIGTERM) || m.sent.has(unix.SIGINT) || m.sent.has(unix.SIGQUIT)
}

// Crashes returns how often the service has crashed in the last minute, as far
// as that was counted.
func (m *Machine) Crashes(now time.Time) int {
	if m.crashes == nil {
		return 0
	}
	return m.crashes.within(now)
}

// Backoff returns what is to be remembered of crashes, for Resume.
func (m *Machine) Backoff() string {
	if m.crashes == nil {
		return ""
	}
	return m.crashes.String()
}

// Looping reports whether the service crashes on and on.
func (m *Machine) Looping() bool { return m.crashes != nil && m.crashes.delay > 0 }

// Delay returns how long it is until the start that is due.
func (m *Machine) Delay(now time.Time) time.Duration { return max(0, m.dueAt.Sub(now)) }

// Abandoned reports whether the service is down and not to come back by
// itself.
func (m *Machine) Abandoned() bool { return m.pid == 0 && !m.due }

// Reason returns what the start that is due or was tried last is for, in the
// words of protocol.
func (m *Machine) Reason() string { return m.reason }

func (m *Machine) restart(delay time.Duration, now time.Time) {
	m.due = m.want == protocol.WantUp
	m.dueAt, m.reason = m.started.Add(Throttle), protocol.ReasonCrash
	if at := now.Add(delay); at.After(m.dueAt) {
		m.dueAt = at
	}
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
		Termed: m.sent.has(unix.SIGTERM),
	}
}
