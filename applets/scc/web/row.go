package web

import (
	"net/url"
	"time"

	"syn3d/applets/scc/agent"
)

// A row is a service as the list shows it. Rows can be compared: who has been
// shown one that is equal need not be shown it again.
type row struct {
	Name, Path     string // as it is, and for a URL
	Condition      agent.Condition
	Error          string
	Up             bool
	Since          time.Time
	Pid            int
	Boot           string
	LastExit       string
	LastExitAt     time.Time
	Restarts       int
	Monitor        string // "" if nothing has been reported
	MonitorMessage string
	Memory, CPU    string // "" if not known
	May            bool   // it can be acted upon
}

func (l *language) row(s *agent.Service, may bool) row {
	r := row{
		Name: s.Name, Path: url.PathEscape(s.Name),
		Condition: s.Condition, Error: s.Error,
		Up: s.Up, Since: s.Since, Pid: s.Pid, Boot: s.Boot,
		LastExit: l.shortExit(s.LastExit), Restarts: s.Restarts,
		May: may,
	}
	if s.LastExit != nil {
		r.LastExitAt = s.LastExit.At
	}
	if !s.Monitor.Since.IsZero() {
		r.Monitor, r.MonitorMessage = s.Monitor.State.String(), s.Monitor.Message
	}
	if s.Up && s.Usage != nil && s.Usage.Processes > 0 {
		r.Memory, r.CPU = l.size(s.Usage.Memory), l.percent(s.Usage.CPU)
	}
	return r
}

// withoutUsage returns the row without what changes all the time.
func (r row) withoutUsage() row {
	r.Memory, r.CPU = "", ""
	return r
}

// Served reports whether there is somebody to act upon the service.
func (r row) Served() bool { return r.Condition != agent.Missing }

// Astray reports whether the service is not what it is to be at boot, which
// reset mends.
func (r row) Astray() bool {
	return r.Condition == agent.DownAmiss || r.Condition == agent.Crashing || r.Up && r.Boot == "down"
}
