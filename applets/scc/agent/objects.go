package agent

import (
	"time"

	"syn3d/applets/service"
	"syn3d/applets/syn3state"
)

// A Service is a service as the pages show it: what svstat --json prints, and
// what a page needs besides. Programs read it, too: fields may be added, but
// those that are there keep their names and their meaning.
type Service struct {
	// Name is that in the scan directory, valid UTF-8: what is not is left out
	// of the pages, with a warning.
	Name string `json:"name"`
	service.State
	Condition Condition `json:"condition"`
	// HasLog tells whether there are log files to read.
	HasLog  bool             `json:"has_log"`
	Monitor syn3state.Record `json:"monitor"` // state UNKNOWN, since never, if nothing was reported
	Usage   *service.Usage   `json:"usage,omitempty"`
}

// A Condition is how a service is, in a word.
type Condition string

const (
	Verified   Condition = "verified"   // up, and known to work
	Unverified Condition = "unverified" // up, and not known to work, or not yet
	Starting   Condition = "starting"   // somebody is verifying its start just now
	Stopping   Condition = "stopping"   // up, but wanted down
	Crashing   Condition = "crashing"   // it ends again and again, or cannot be started
	Paused     Condition = "paused"
	Down       Condition = "down"       // as it should be
	DownAmiss  Condition = "down_amiss" // down, but normally up
	Missing    Condition = "missing"    // no supervisor serves it
)

// An Action is what can be done to a service.
type Action string

const (
	Start   Action = "start"   // now and at boot, as svcenable does
	Stop    Action = "stop"    // now and at boot, as svcdisable does
	Restart Action = "restart" // as svcrestart does
	Reset   Action = "reset"   // as svcreset does
	Enable  Action = "enable"  // at boot only: svcenable --later
	Disable Action = "disable" // at boot only: svcdisable --later
)

// Actions lists all of them.
func Actions() []Action { return []Action{Start, Stop, Restart, Reset, Enable, Disable} }

// Progress is what an action has to tell: lines, as svcstart prints them, and
// in the end the service, with the Result of the action.
type Progress struct {
	Line string   `json:"line,omitempty"`
	Done *Service `json:"done,omitempty"`
}

// An Event is a change of a service, or that it has come or gone.
type Event struct {
	// Service is as it is now.
	Service *Service `json:"service,omitempty"`
	// Gone is the name of one that is no longer in the scan directory.
	Gone string `json:"gone,omitempty"`
	// Ready says that all services have been told of, and that changes follow.
	Ready bool `json:"ready,omitempty"`
}

// Files are what an administrator may want to read of a service.
type Files struct {
	Scripts []Script  `json:"scripts"` // run, start, stop, log/run: those that there are
	Logs    []LogFile `json:"logs"`    // current first, then from the newest to the oldest
	Recent  []Moment  `json:"recent"`  // what has happened to it, the newest first
}

// A Script is a file of a service directory. What is no text, or too long, is
// shown as far as it can be.
type Script struct {
	Name       string `json:"name"`
	Executable bool   `json:"executable"`
	Text       string `json:"text"`
}

// A LogFile is a file of a log directory.
type LogFile struct {
	Name  string    `json:"name"`
	Size  int64     `json:"size"`
	Until time.Time `json:"until"` // of its last change
}

// A Moment is what happened to a service, and when.
type Moment struct {
	At   time.Time `json:"at"`
	What Happening `json:"what"`
	// Detail is in the words of the commands: "exit code 1", "pid 1234", who
	// has asked for it.
	Detail string `json:"detail,omitempty"`
}

// A Happening is a kind of thing that happens to a service.
type Happening string

const (
	CameUp      Happening = "up"       // Detail: its pid
	WentDown    Happening = "ended"    // Detail: how
	WasVerified Happening = "verified" // Detail: by what
	DidNotWork  Happening = "failed"   // Detail: why
	WasReported Happening = "reported" // Detail: state and message of the monitor
	WasEnabled  Happening = "enabled"
	WasDisabled Happening = "disabled"
	WasAsked    Happening = "action" // Detail: the action, who asked for it, and what came of it
)

// A LogQuery asks for lines of a log, from the end backwards.
type LogQuery struct {
	// File is the Name of a LogFile, or "" for all of them, as if they were one.
	File string `json:"file"`
	// Before is the offset at which the lines have to end, 0 for the end of
	// the file.
	Before int64 `json:"before,omitempty"`
	Lines  int   `json:"lines"` // how many, at most MaxLogLines
	// Search has only lines that contain it, in whatever case.
	Search string `json:"search,omitempty"`
	// Follow has lines follow as they are written. The file has to be "" or
	// current.
	Follow bool `json:"follow,omitempty"`
}

// MaxLogLines is how many lines an answer can have.
const MaxLogLines = 1000

// A LogPart is a part of a log: Lines in the order in which they were written.
type LogPart struct {
	Lines []LogLine `json:"lines"`
	// Next asks for what comes before them, nil if nothing does.
	Next *LogQuery `json:"next,omitempty"`
	// Rotated says that the file is another one than before, while following.
	Rotated bool `json:"rotated,omitempty"`
	// Skipped says, while following, that lines before these were left out: they
	// came too fast.
	Skipped bool `json:"skipped,omitempty"`
}

// A LogLine is a line of a log. It is valid UTF-8; what could not be shown is
// shown as an escape sequence, so that it is seen.
type LogLine struct {
	At   time.Time `json:"at,omitzero"`   // from its label, if it has one
	Text string    `json:"text"`          // without the label
	Cut  bool      `json:"cut,omitempty"` // it was longer
}

// A Role is what somebody may do.
type Role string

const (
	Viewer Role = "viewer" // see
	Admin  Role = "admin"  // and act
)

// An Account is who may use the control centre.
type Account struct {
	Name string `json:"name"`
	Role Role   `json:"role"`
	// Stamp is another one when the password has been changed. It tells nothing
	// about it.
	Stamp string `json:"stamp,omitempty"`
}
