package service

import (
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"syn3d/protocol"
)

// A Failure is why a service is not as asked for, with what helps an
// administrator to see the reason.
type Failure struct {
	What      string // "/service/squid does not stay up: exit code 1"
	Cause     string // the likely one, "" if there is no idea
	LastWords []string
	Source    string     // of LastWords
	Leftovers []Leftover // what the service has left behind
}

// Error returns all of it: What in the first line, and the rest indented.
func (f *Failure) Error() string {
	var text strings.Builder
	text.WriteString(f.What)
	if f.Cause != "" {
		text.WriteString("\n    likely cause: " + f.Cause)
	}
	if len(f.LastWords) > 0 {
		text.WriteString("\n    it said last, in " + Show(f.Source) + ":")
	}
	for _, line := range f.LastWords {
		text.WriteString("\n        " + line)
	}
	for _, l := range f.Leftovers {
		fmt.Fprintf(&text, "\n    pid %d, since %s: %s\n        likely cause: %s",
			l.Pid, l.Since.Local().Format(time.DateTime), presentable(l.Command), l.Cause)
	}
	return text.String()
}

// failure returns a Failure without more to tell.
func failure(format string, args ...any) error {
	return &Failure{What: fmt.Sprintf(format, args...)}
}

// Show returns a name fit to be shown: quoted, if it would do something to a
// terminal or to the lines of a message.
func Show(name string) string {
	unfit := func(r rune) bool { return !strconv.IsPrint(r) }
	if !utf8.ValidString(name) || strings.ContainsFunc(name, unfit) {
		return strconv.Quote(name)
	}
	return name
}

// describe returns the state of a service in svstat's words.
func describe(dir string) string {
	if protocol.Supervised(dir) != nil {
		return protocol.ErrNotRunning.Error()
	}
	status, err := protocol.ReadStatus(dir)
	if err != nil {
		return err.Error()
	}
	normallyDown, _ := protocol.NormallyDown(dir)
	return string(protocol.AppendText(nil, status, normallyDown, time.Now()))
}

// interrupted says in what state an interrupted command leaves a service.
func interrupted(dir string) error {
	return failure("interrupted, %s is left as it is: %s", Show(dir), describe(dir))
}
