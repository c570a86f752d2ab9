package applets

import (
	"errors"
	"io"
)

// The exit codes of daemontools.
const (
	codeUsage = 100 // the caller's fault
	codeFatal = 111 // the system's fault
)

// An exit is an error that knows how to end the process.
type exit struct {
	code int
	text string // what to print, lines with their newlines; may be empty
}

func (e *exit) Error() string { return e.text }

// Usage is the error of a call that makes no sense.
func Usage(synopsis string) error {
	return &exit{codeUsage, synopsis + "\n"}
}

// Silently ends with a code and no message.
func Silently(code int) error {
	if code == 0 {
		return nil
	}
	return &exit{code: code}
}

// Report prints what err, which Run of the applet name returned, has to say,
// and returns the exit code. An error of unknown kind is fatal.
func Report(stderr io.Writer, name string, err error) int {
	if err == nil {
		return 0
	}
	var e *exit
	if !errors.As(err, &e) {
		e = fatal(name, err)
	}
	io.WriteString(stderr, e.text)
	return e.code
}

// fatal is the end of the applet name by err.
func fatal(name string, err error) *exit {
	return &exit{codeFatal, name + ": fatal: " + err.Error() + "\n"}
}

// Warn prints a warning of the applet name.
func Warn(stderr io.Writer, name string, err error) {
	io.WriteString(stderr, name+": warning: "+err.Error()+"\n")
}
