package agent

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"

	"syn3d/applets/service"
	"syn3d/protocol"
)

const (
	maxMoments = 50 // of a service

	// crashWindow is for how long a crash counts.
	crashWindow = time.Minute
)

// A history is what has happened to a service since the agent began to watch
// it, the last maxMoments of it.
type history struct {
	moments []Moment
	ends    []time.Time // while it was wanted up, within the last crashWindow
}

func (h *history) add(m Moment) {
	h.moments = append(h.moments, m)
	h.moments = h.moments[max(0, len(h.moments)-maxMoments):]
}

func (h *history) newestFirst() []Moment {
	moments := slices.Clone(h.moments)
	slices.Reverse(moments)
	return moments
}

// begin takes down what can still be seen of what was before.
func (h *history) begin(s Service) {
	if s.LastExit != nil {
		h.add(Moment{s.LastExit.At, WentDown, s.LastExit.String()})
	}
	if s.Up {
		h.add(Moment{s.Since, CameUp, fmt.Sprintf("pid %d", s.Pid)})
	}
	h.verified(s.Verified)
	h.reported(s)
	slices.SortStableFunc(h.moments, func(a, b Moment) int { return a.At.Compare(b.At) })
}

// compare takes down what has happened between two looks.
func (h *history) compare(old, s Service) {
	if end, ended := lastEnd(old, s); ended {
		h.add(end)
		if s.Want == "up" && (s.LastExit == nil || s.LastExit.Signal != "SIGTERM") {
			h.ends = append(h.ends, end.At)
		}
	}
	if s.Up && (s.Pid != old.Pid || !s.Since.Equal(old.Since)) {
		h.add(Moment{s.Since, CameUp, fmt.Sprintf("pid %d", s.Pid)})
	}
	if !reflect.DeepEqual(old.Verified, s.Verified) {
		h.verified(s.Verified)
	}
	if old.Monitor != s.Monitor {
		h.reported(s)
	}
	if old.Boot != s.Boot && old.Boot != "" && s.Boot != "" {
		h.add(Moment{At: time.Now().UTC(), What: map[string]Happening{"up": WasEnabled, "down": WasDisabled}[s.Boot]})
	}
}

// lastEnd returns the end of an instance between two looks, if there was one. The
// original's supervisor does not tell of it, nor how it was.
func lastEnd(old, s Service) (end Moment, ended bool) {
	switch {
	case s.LastExit != nil:
		ended = old.LastExit == nil || !old.LastExit.At.Equal(s.LastExit.At)
		return Moment{s.LastExit.At, WentDown, s.LastExit.String()}, ended
	case s.Supervised && old.Up:
		return Moment{s.Since, WentDown, ""}, s.Pid != old.Pid
	}
	return end, false
}

func (h *history) verified(v *service.Verification) {
	switch {
	case v == nil:
	case v.OK && v.By == protocol.ByScript:
		h.add(Moment{v.At, WasVerified, "start"})
	case v.OK:
		h.add(Moment{v.At, WasVerified, ""})
	default:
		h.add(Moment{v.At, DidNotWork, v.Why})
	}
}

func (h *history) reported(s Service) {
	if !s.Monitor.Since.IsZero() {
		h.add(Moment{s.Monitor.Since, WasReported, strings.TrimSpace(s.Monitor.State.String() + " " + s.Monitor.Message)})
	}
}

// crashes returns how often the service has ended within the last crashWindow
// although it was wanted up.
func (h *history) crashes() int {
	h.ends = slices.DeleteFunc(h.ends, func(at time.Time) bool { return time.Since(at) > crashWindow })
	return len(h.ends)
}

// differs reports whether two looks at a service differ in more than the time.
func differs(a, b Service) bool {
	a.Seconds, b.Seconds = 0, 0
	if a.Log != nil && b.Log != nil {
		log := *a.Log
		log.Seconds = b.Log.Seconds
		a.Log = &log
	}
	return !reflect.DeepEqual(a, b)
}
