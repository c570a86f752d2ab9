package frontend

import (
	"strings"

	"syn3d/applets"
)

// An option of a front end. What its usage has between backquotes is the value
// that it takes, if it takes one.
type option struct {
	name, usage string
}

func (o option) takesValue() bool { return strings.Contains(o.usage, "`") }

// synopsis returns how the option begins in a synopsis.
func (o option) synopsis() string {
	text := "[-" + o.name
	if len(o.name) > 1 {
		text = "[--" + o.name
	}
	if o.takesValue() {
		return text + " "
	}
	return text + "]"
}

// A line is the command line of a front end, read.
type line struct {
	values   map[string]string // of the options that are given; "true" or "false" if one takes none
	operands []string
}

func (l line) has(option string) bool { return l.values[option] == "true" }

// usage is the error of a command line that cannot be read.
func usage(applet *applets.Applet, err error) error {
	return applets.Usage(applet.Name + ": fatal: " + err.Error() + "\n" + synopsis(applet))
}

func synopsis(applet *applets.Applet) string {
	return applet.Name + ": usage: " + applet.Name + " " + applet.Args
}
