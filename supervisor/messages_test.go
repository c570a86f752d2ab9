package supervisor

import (
	"io"
	"os"
	"strings"
	"testing"
)

func TestMessages(t *testing.T) {
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	m := newMessages(int(write.Fd()))
	var c complaint
	c.make(m, "one")
	c.make(m, "one")
	c.make(m, "two")
	c.settle()
	c.make(m, "two")
	m.flush()
	write.Close()

	got, _ := io.ReadAll(read)
	if want := "one\ntwo\ntwo\n"; string(got) != want {
		t.Errorf("messages = %q, want %q", got, want)
	}
}

// A reader that does not read holds up nobody.
func TestMessagesDoNotBlock(t *testing.T) {
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer read.Close()
	m := newMessages(int(write.Fd()))
	line := strings.Repeat("x", 4096)
	for range 2 * messageBacklog { // far more than a pipe and the backlog hold
		m.say(line)
	}
}
