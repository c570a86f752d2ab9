package supervisor

import (
	"time"

	"golang.org/x/sys/unix"
)

const (
	messageBacklog = 1024
	flushLimit     = time.Second
)

// messages writes diagnostics. Whoever reads them may be slow or dead: nobody
// waits for it but a goroutine of our own, and what it cannot get rid of is
// dropped in the end.
type messages struct {
	fd      int
	lines   chan string
	written chan struct{} // closed when the last line is out
}

func newMessages(fd int) *messages {
	m := &messages{fd, make(chan string, messageBacklog), make(chan struct{})}
	go m.write() // until flush
	return m
}

func (m *messages) write() {
	defer close(m.written)
	for line := range m.lines {
		// Not through os.Stderr, which would end us when the pipe is broken.
		unix.Write(m.fd, []byte(line))
	}
}

// say writes a line.
func (m *messages) say(line string) {
	select {
	case m.lines <- line + "\n":
	default:
	}
}

// flush waits a moment for what was said to be written. Nothing may be said
// after it.
func (m *messages) flush() {
	close(m.lines)
	select {
	case <-m.written:
	case <-time.After(flushLimit):
	}
}

// A complaint is said once, however often it is made in a row.
type complaint string

// make reports whether the line was said.
func (c *complaint) make(m *messages, line string) bool {
	if string(*c) == line {
		return false
	}
	*c = complaint(line)
	m.say(line)
	return true
}

// settle makes the next complaint heard, be it the same.
func (c *complaint) settle() { *c = "" }

// complaints are those that a scan makes, each about a name. One that the scan
// before has made too is not said again.
type complaints struct {
	before, now map[string]complaint
}

// begin begins a scan.
func (c *complaints) begin() {
	c.before, c.now = c.now, map[string]complaint{}
}

// any reports whether the scan has complained.
func (c *complaints) any() bool { return len(c.now) > 0 }

func (c *complaints) make(m *messages, name, line string) {
	said := c.before[name]
	said.make(m, line)
	c.now[name] = said
}

// keep keeps quiet about a name that this scan has not looked at.
func (c *complaints) keep(name string) {
	if said, made := c.before[name]; made {
		c.now[name] = said
	}
}
