package service

import (
	"time"

	"syn3d/protocol"

	"golang.org/x/sys/unix"
)

// A State is a service as an administrator sees it. Its JSON form is for
// programs: fields may be added, but those that are there keep their names and
// their meaning.
type State struct {
	// Service is the service directory, as it was named.
	Service string `json:"service"`
	// Error says why nothing more is known.
	Error string `json:"error,omitempty"`
	// Supervised tells whether there is a supervisor: without one, the rest
	// is what the last one has left, and Up is false.
	Supervised bool `json:"supervised"`
	Up         bool `json:"up"`
	Pid        int  `json:"pid,omitempty"` // only if it is up
	// Since is when the service came up or went down, and Seconds how long
	// that is. It is zero if that is no date at all.
	Since   time.Time `json:"since,omitzero"`
	Seconds uint64    `json:"seconds"`
	// Want is "up", "down", or "once": not to be started again.
	Want   string `json:"want,omitempty"`
	Paused bool   `json:"paused"`
	// Boot is "up" or "down": what the service is to be after a boot.
	Boot string `json:"boot,omitempty"`
	// Verified tells how the start of this very instance was verified, nil
	// if it was not.
	Verified *Verification `json:"verified,omitempty"`
	// LastExit tells how the last instance ended, nil if that is not known.
	LastExit *Exit `json:"last_exit,omitempty"`
	// Restarts is how often the supervisor has started the service by itself
	// after an end.
	Restarts int `json:"restarts"`
	// Trouble is the state that the supervisor has last reported to the
	// monitor, "" if that was a good one: CRITICAL if the service crashes
	// again and again.
	Trouble string `json:"trouble,omitempty"`
	// Log is the state of the log service, nil if there is none.
	Log *State `json:"log,omitempty"`
	// Result is what a command has done, nil if it was only to look.
	Result *Result `json:"result,omitempty"`

	status protocol.Status
}

// A Verification is how a start was verified.
type Verification struct {
	OK     bool      `json:"ok"`
	By     string    `json:"by"`     // "start", the script, or "watch"
	Reason string    `json:"reason"` // for the start: "svcstart", "boot" or "crash"
	Why    string    `json:"why,omitempty"`
	At     time.Time `json:"at"`
}

// An Exit is how an instance ended: with a code, or by a signal.
type Exit struct {
	Code   int       `json:"code"`
	Signal string    `json:"signal,omitempty"` // its name, as SIGSEGV; Code does not count then
	At     time.Time `json:"at"`
}

// A Result is what came of a command.
type Result struct {
	Command   string     `json:"command"` // "svcstart", "svcstop" ...
	OK        bool       `json:"ok"`
	Error     string     `json:"error,omitempty"`
	Cause     string     `json:"likely_cause,omitempty"`
	LastWords []string   `json:"last_words,omitempty"`
	Leftovers []Leftover `json:"leftovers,omitempty"`
}

// Look returns the state of the service in dir.
func Look(dir string) State {
	s := look(dir, time.Now())
	if log := dir + "/" + protocol.LogDir; protocol.CheckDir(log) == nil {
		state := look(log, time.Now())
		s.Log = &state
	}
	return s
}

func look(dir string, now time.Time) State {
	s := State{Service: dir}
	if err := s.setDirectory(dir); err != nil {
		s.Error = err.Error()
		return s
	}
	status, err := protocol.ReadStatus(dir)
	if err != nil {
		s.Error = err.Error()
		return s
	}
	s.setStatus(status, now)
	s.setHistory(dir)
	return s
}

// setDirectory fills in what the service directory tells, and returns why there
// is no status to be had.
func (s *State) setDirectory(dir string) error {
	if err := protocol.CheckDir(dir); err != nil {
		return &protocol.Error{What: "unable to chdir", Err: err}
	}
	down, err := protocol.NormallyDown(dir)
	if err != nil {
		return &protocol.Error{What: "unable to stat " + protocol.DownFile, Err: err}
	}
	s.Boot = "up"
	if down {
		s.Boot = "down"
	}
	err = protocol.Supervised(dir)
	s.Supervised = err == nil
	if err == unix.ENXIO {
		return protocol.ErrNotRunning
	}
	if err != nil {
		return &protocol.Error{What: "unable to open " + protocol.OkFile, Err: err}
	}
	return nil
}

func (s *State) setStatus(status protocol.Status, now time.Time) {
	s.status = status
	s.Up, s.Pid, s.Paused = status.Up(), int(status.Pid), status.Paused
	s.Since, s.Seconds = protocol.Date(status.Since.Time()), status.Since.Age(now)
	switch status.Want {
	case protocol.WantUp:
		s.Want = "up"
	case protocol.WantDown:
		s.Want = "down"
	default:
		s.Want = "once"
	}
}

// setHistory fills in what a supervisor of ours tells besides.
func (s *State) setHistory(dir string) {
	if v, err := protocol.ReadVerdict(dir); err == nil && v.Of(s.status) {
		s.Verified = &Verification{OK: v.OK, By: v.By, Reason: v.Reason, Why: v.Why, At: v.At}
	}
	d, err := protocol.ReadDetail(dir)
	if err != nil {
		return
	}
	s.Restarts, s.Trouble = d.Restarts, d.Told
	if !d.Exited.IsZero() {
		s.LastExit = &Exit{Code: d.LastExit.Code, At: d.Exited}
		if d.LastExit.Signal != 0 {
			s.LastExit.Signal = unix.SignalName(d.LastExit.Signal)
		}
	}
}

// Text returns svstat's words for the state.
func (s State) Text(now time.Time) string {
	if s.Error != "" {
		return s.Error
	}
	return string(protocol.AppendText(nil, s.status, s.Boot == "down", now))
}

// String returns "exit code 1", or "killed by SIGSEGV".
func (e Exit) String() string {
	if e.Signal != "" {
		return "killed by " + e.Signal
	}
	return protocol.ExitStatus{Code: e.Code}.String()
}

// Done notes what came of a command.
func (s *State) Done(command string, err error) {
	s.Result = &Result{Command: command, OK: err == nil}
	if err == nil {
		return
	}
	s.Result.Error = err.Error()
	if f, ok := err.(*Failure); ok {
		s.Result.Error, s.Result.Cause = f.What, f.Cause
		s.Result.LastWords, s.Result.Leftovers = f.LastWords, f.Leftovers
	}
}
