package frontend

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"syn3d/applets/service"

	"golang.org/x/sys/unix"
)

// A console shows what the administrator's commands do: a line for each
// service, which waits for its end, and between them what control scripts
// print, as it comes. When something has come in between, the line is begun
// anew:
//
//	Starting /service/slapd ....
//	Waiting for slapd to start.. (15)
//	Starting /service/slapd ....OK
type console struct {
	out     io.Writer
	live    bool // a terminal
	colour  bool
	several bool // services, so that it must be told whose script prints

	mu      sync.Mutex
	head    string // behind mu, like all that follows
	at      place
	printer string               // whose script printed last
	scripts map[string]time.Time // that have begun to run, and when
	told    time.Time            // when it was last said how long one has run
}

// A place is where the cursor is.
type place int

const (
	atStart    place = iota // of a line
	behindHead              // and dots
	behindTick              // in a line that is only there for a second
	amidOutput              // of a script
)

// tickEvery is how often to say that a script still runs, where that cannot be
// said again and again in the same place.
const tickEvery = time.Minute

func newConsole(out *os.File, several bool) *console {
	live := isTerminal(int(out.Fd()))
	return &console{
		out: out, live: live, several: several,
		colour:  live && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb",
		scripts: map[string]time.Time{},
		told:    time.Now(),
	}
}

func isTerminal(fd int) bool {
	_, err := unix.IoctlGetTermios(fd, unix.TCGETS)
	return err == nil
}

// begin shows what begins: "Starting /service/squid ....".
func (c *console) begin(head string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.freshLine()
	c.head, c.at = head, behindHead
	io.WriteString(c.out, head)
}

// end shows how it has ended.
func (c *console) end(ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.at != behindHead {
		c.freshLine()
		io.WriteString(c.out, c.head)
	}
	word, colour := "OK", "32"
	if !ok {
		word, colour = "FAILED", "31"
	}
	if c.colour {
		word = "\x1b[" + colour + "m" + word + "\x1b[m"
	}
	io.WriteString(c.out, word+"\n")
	c.at = atStart
}

// say shows a line.
func (c *console) say(line string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.freshLine()
	io.WriteString(c.out, line+"\n")
}

// freshLine goes to the start of a line that is empty.
func (c *console) freshLine() {
	switch c.at {
	case behindTick:
		io.WriteString(c.out, "\r\x1b[K")
	case behindHead, amidOutput:
		io.WriteString(c.out, "\n")
	}
	c.at = atStart
}

// tick shows that something is waited for. It is called every second.
func (c *console) tick(now time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	path, ran := c.longest(now)
	seconds := int(ran.Round(time.Second).Seconds())
	switch {
	case path == "" && c.live && c.at == behindHead:
		io.WriteString(c.out, ".")
	case path == "":
	case c.live && c.at != amidOutput:
		fmt.Fprintf(c.out, "\r\x1b[K%s(%s has run for %d seconds)", c.head, filepath.Base(path), seconds)
		c.at = behindTick
	case !c.live && now.Sub(c.told) >= tickEvery:
		c.freshLine()
		fmt.Fprintf(c.out, "%s has run for %d seconds\n", service.Show(path), seconds)
		c.told = now
	}
}

// longest returns the script that has run for the longest time.
func (c *console) longest(now time.Time) (path string, ran time.Duration) {
	for candidate, began := range c.scripts {
		if d := now.Sub(began); path == "" || d > ran {
			path, ran = candidate, d
		}
	}
	return path, ran
}

// script notes that a script begins to run, and returns where it prints.
func (c *console) script(path string) io.WriteCloser {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.scripts[path] = time.Now()
	return &scriptOutput{c, path}
}

// A scriptOutput shows what one script prints, until it is closed.
type scriptOutput struct {
	console *console
	path    string
}

func (s *scriptOutput) Close() error {
	s.console.mu.Lock()
	defer s.console.mu.Unlock()
	delete(s.console.scripts, s.path)
	return nil
}

func (s *scriptOutput) Write(text []byte) (int, error) {
	c := s.console
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.at != amidOutput || c.printer != s.path {
		c.freshLine()
	}
	c.printer = s.path
	for line := range strings.Lines(string(text)) {
		if c.several && c.at == atStart {
			line = service.Show(filepath.Dir(s.path)) + ": " + line
		}
		io.WriteString(c.out, line)
		c.at = amidOutput
		if strings.HasSuffix(line, "\n") {
			c.at = atStart
		}
	}
	return len(text), nil
}
