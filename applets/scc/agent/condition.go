package agent

import (
	"math"
	"os"
	"time"

	"syn3d/applets/service"
	"syn3d/protocol"
)

// settled is how long an instance has to last for its predecessors' crashes to
// be forgotten. The supervisor has the same in mind.
const settled = time.Minute

// startable is how long a service may be down although it is wanted up: its
// supervisor tries each second, and who has not come up by then cannot be started.
const startable = 5 * time.Second

// A signs is what the condition of a service depends on besides its state.
type signs struct {
	scripted bool          // it has a start script
	claimed  bool          // somebody verifies its start
	watch    time.Duration // how long it has to stay up, without a script
	delayed  bool          // it says itself how long it is down after each end
	crashes  int           // lately
}

// conditionOf returns the condition of a service, and after how long it may be
// another one without anything happening: 0 if never.
func conditionOf(s service.State, g signs) (c Condition, again time.Duration) {
	age := time.Duration(min(s.Seconds, math.MaxInt32)) * time.Second // as it may be absurd
	if s.Up && time.Until(s.Since) > time.Second {
		age = settled // the clock has been set back since, and nobody knows for how long it is up
	}
	looping := s.Trouble != "" && g.crashes > 1 || s.Trouble == "CRITICAL" ||
		s.LastExit == nil && g.crashes > 2 // the original's supervisor reports no trouble, and these may be restarts
	switch {
	case s.Error != "" || !s.Supervised:
		return Missing, 0
	case !s.Up && s.Want == "up" && (looping || !g.delayed && age >= startable):
		return Crashing, 0
	case !s.Up && s.Want == "up" && !g.delayed:
		return Starting, startable - age
	case !s.Up && s.Want == "up":
		return Starting, 0
	case !s.Up && s.Boot == "up":
		return DownAmiss, 0
	case !s.Up:
		return Down, 0
	case s.Paused:
		return Paused, 0
	case s.Want == "down":
		return Stopping, 0
	case s.Verified != nil && s.Verified.OK:
		return Verified, 0
	case g.scripted && g.claimed:
		return Starting, 0
	case looping && age < settled:
		return Crashing, settled - age
	case s.Verified == nil && g.scripted && age < g.watch: // the supervisor runs the script a moment later
		return Unverified, lookAgain
	case s.Verified != nil || g.scripted:
		return Unverified, 0
	case age < g.watch:
		return Unverified, g.watch - age
	}
	return Verified, 0
}

// signsOf looks for the signs of a service. Those that would not count are not
// looked for.
func signsOf(dir string, s service.State) (g signs) {
	if !s.Up {
		_, err := os.Lstat(dir + "/" + protocol.RestartDelayFile)
		g.delayed = err == nil
		return g
	}
	if s.Verified != nil && s.Verified.OK {
		return g
	}
	_, err := os.Lstat(dir + "/" + protocol.StartScript)
	g.scripted = err == nil
	g.claimed = g.scripted && protocol.StartClaimed(dir)
	if g.watch, err = protocol.ReadStartWatch(dir); err != nil {
		g.watch = protocol.StartWatch
	}
	return g
}
