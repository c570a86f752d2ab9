package supervisor

import (
	"errors"
	"strconv"
	"strings"
	"time"

	"syn3d/protocol"
)

const (
	// freeCrashes is how many crashes within crashWindow are followed by a new
	// start as soon as the throttle allows.
	freeCrashes = 5
	crashWindow = time.Minute

	// From then on every start waits twice as long as the one before, until
	// an instance has lasted for goodRun.
	maxDelay = time.Minute
	goodRun  = time.Minute
)

// crashes are the last crashes of a service: what the delay of its next start
// depends on.
type crashes struct {
	recent [freeCrashes]time.Time // in a ring
	oldest int
	delay  time.Duration // grown; 0 as long as the service is not looping
}

// add takes note of the crash of an instance that has lasted so long.
func (c *crashes) add(lasted time.Duration, now time.Time) {
	if lasted >= goodRun {
		*c = crashes{}
	}
	switch {
	case c.delay > 0:
		c.delay = min(2*c.delay, maxDelay)
	case c.within(now) == freeCrashes:
		c.delay = Throttle
	}
	c.note(now)
}

func (c *crashes) note(at time.Time) {
	c.recent[c.oldest] = at
	c.oldest = (c.oldest + 1) % freeCrashes
}

// String returns what parseCrashes understands: the delay in seconds, and when
// the crashes were, in nanoseconds since 1970, the oldest first.
func (c *crashes) String() string {
	text := strconv.Itoa(int(c.delay / time.Second))
	for i := range c.recent {
		if at := c.recent[(c.oldest+i)%freeCrashes]; !at.IsZero() {
			text += " " + strconv.FormatInt(at.UnixNano(), 10)
		}
	}
	return text
}

// parseCrashes returns nil for what is no text of crashes.
func parseCrashes(text string, now time.Time) *crashes {
	words := strings.Fields(text)
	if len(words) < 2 {
		return nil
	}
	c := &crashes{}
	if seconds, err := strconv.ParseUint(words[0], 10, 32); err == nil {
		c.delay = min(time.Duration(seconds)*time.Second, maxDelay)
	}
	for _, word := range words[1:] {
		if nanoseconds, err := strconv.ParseInt(word, 10, 64); err == nil {
			c.note(monotonic(time.Unix(0, nanoseconds), now))
		}
	}
	return c
}

// last returns when the last crash was.
func (c *crashes) last() time.Time { return c.recent[(c.oldest+freeCrashes-1)%freeCrashes] }

// within returns how many crashes there were in the last crashWindow, at most
// freeCrashes.
func (c *crashes) within(now time.Time) (n int) {
	for _, at := range c.recent {
		if !at.IsZero() && now.Sub(at) < crashWindow {
			n++
		}
	}
	return n
}

// restartDelay returns what the file restart-delay says. Without it, or if it
// makes no sense, the delay is a growing one.
func (s *service) restartDelay() time.Duration {
	if lacksNow(s.dir.fd, protocol.RestartDelayFile) {
		return growing
	}
	text, err := s.dir.read(protocol.RestartDelayFile)
	seconds, parseErr := strconv.ParseUint(strings.TrimSpace(string(text)), 10, 32)
	if err == nil && parseErr != nil {
		err = errNoSeconds
	}
	if err != nil {
		s.complain(&s.delayTrouble, "warning", s.dir.failed("unable to read", protocol.RestartDelayFile, err))
		return growing
	}
	s.delayTrouble.settle()
	return time.Duration(seconds) * time.Second
}

var errNoSeconds = errors.New("not a number of seconds")
