package frontend

import (
	"bytes"
	"testing"
	"time"
)

func TestConsole(t *testing.T) {
	begun := time.Now()
	later := func(seconds int) time.Time { return begun.Add(time.Duration(seconds) * time.Second) }
	// run has a script begin at the time begun, whatever time it is.
	run := func(c *console, path string) *scriptOutput {
		output := c.script(path).(*scriptOutput)
		c.scripts[path] = begun
		return output
	}
	tests := []struct {
		what          string
		live, several bool
		do            func(c *console)
		want          string
	}{
		{"quick", false, false, func(c *console) { c.begin("A ...."); c.end(true) }, "A ....OK\n"},
		{"two", false, true, func(c *console) {
			c.begin("A ....")
			c.end(true)
			c.begin("B ....")
			c.end(false)
		}, "A ....OK\nB ....FAILED\n"},
		{"slow", false, false, func(c *console) {
			c.begin("A ....")
			c.tick(later(1))
			c.end(true)
		}, "A ....OK\n"},
		{"slow on a terminal", true, false, func(c *console) {
			c.begin("A ....")
			c.tick(later(1))
			c.tick(later(2))
			c.end(true)
		}, "A ......OK\n"},
		{"a script", false, false, func(c *console) {
			c.begin("A ....")
			s := run(c, "a/start")
			s.Write([]byte("one\ntwo\n"))
			s.Close()
			c.end(true)
		}, "A ....\none\ntwo\nA ....OK\n"},
		{"half a line", false, false, func(c *console) {
			c.begin("A ....")
			s := run(c, "a/start")
			s.Write([]byte("wait"))
			s.Write([]byte("ing"))
			c.end(false)
		}, "A ....\nwaiting\nA ....FAILED\n"},
		{"two scripts", false, true, func(c *console) {
			c.begin("A ....")
			a, b := run(c, "a/start"), run(c, "b/start")
			a.Write([]byte("one\ntw"))
			b.Write([]byte("three\n"))
			a.Write([]byte("o\n"))
			c.end(true)
			c.begin("B ....")
			b.Write([]byte("four\n"))
			c.end(true)
		}, "A ....\na: one\na: tw\nb: three\na: o\nA ....OK\nB ....\nb: four\nB ....OK\n"},
		{"a script hangs", false, false, func(c *console) {
			c.begin("A ....")
			run(c, "/service/a/start")
			for second := range 125 {
				c.tick(later(second))
			}
			c.end(false)
		}, "A ....\n/service/a/start has run for 60 seconds\n/service/a/start has run for 120 seconds\nA ....FAILED\n"},
		{"a script hangs on a terminal", true, false, func(c *console) {
			c.begin("A ....")
			s := run(c, "/service/a/start")
			c.tick(later(1))
			c.tick(later(2))
			s.Write([]byte("one\n"))
			c.tick(later(3))
			s.Close()
			c.end(true)
		}, "A ....\r\x1b[KA ....(start has run for 1 seconds)\r\x1b[KA ....(start has run for 2 seconds)" +
			"\r\x1b[Kone\n\r\x1b[KA ....(start has run for 3 seconds)\r\x1b[KA ....OK\n"},
		{"a line between", false, false, func(c *console) { c.say("Not running a"); c.begin("B ...."); c.end(true) },
			"Not running a\nB ....OK\n"},
	}
	for _, test := range tests {
		var out bytes.Buffer
		test.do(&console{out: &out, live: test.live, several: test.several, scripts: map[string]time.Time{}, told: begun})
		if got := out.String(); got != test.want {
			t.Errorf("%s: prints %q, want %q", test.what, got, test.want)
		}
	}
}
