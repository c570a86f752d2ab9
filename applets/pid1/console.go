package pid1

import (
	"time"

	"syn3d/protocol"

	"golang.org/x/sys/unix"
)

const consoleBacklog = 256

// A Console is where the first process speaks. Whoever reads may be slow, and
// a serial line may be held up for ever: nobody waits for it but a goroutine
// of our own, and what it cannot get rid of is dropped in the end.
type Console struct {
	lines   chan string
	written chan struct{} // closed when the last line is out
}

// openConsole makes the console the standard descriptors. Without one, they
// stay what they are.
func openConsole() error {
	console, err := unix.Open("/dev/console", unix.O_RDWR|unix.O_NOCTTY|unix.O_CLOEXEC, 0)
	if err != nil {
		return &protocol.Error{What: "unable to open /dev/console", Err: err}
	}
	for fd := range 3 {
		unix.Dup3(console, fd, 0)
	}
	return unix.Close(console)
}

// NewConsole returns a Console that writes to standard error.
func NewConsole() *Console {
	c := &Console{make(chan string, consoleBacklog), make(chan struct{})}
	go c.write() // until Flush
	return c
}

// lastLine ends a Console. The channel stays open, since others may still speak.
const lastLine = ""

func (c *Console) write() {
	defer close(c.written)
	for line := <-c.lines; line != lastLine; line = <-c.lines {
		unix.Write(2, []byte(line))
	}
}

// Say writes a line.
func (c *Console) Say(line string) { c.queue("init: " + line + "\n") }

func (c *Console) queue(line string) {
	select {
	case c.lines <- line:
	default:
	}
}

// Warn writes a warning.
func (c *Console) Warn(err error) { c.Say("warning: " + err.Error()) }

// Flush waits a moment for what was said to be written. What is said after it
// is not.
func (c *Console) Flush() {
	c.queue(lastLine)
	select {
	case <-c.written:
	case <-time.After(time.Second):
	}
}
