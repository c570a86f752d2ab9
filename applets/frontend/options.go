package frontend

import (
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"syn3d/applets/service"
	"syn3d/protocol"
)

const (
	defaultLimit = 30 * time.Second
	maxLimit     = 1 << 30 // seconds, 34 years: what a time.Duration holds
)

// optionsIn returns the options that a synopsis shows.
func optionsIn(synopsis string) []option {
	options := []option{
		{"w", "wait for at most `seconds`, instead of $SVWAIT or 30; control scripts, too"},
		{"watch", "watch a service without a start script for `seconds`, instead of 2"},
		{"k", "kill what does not end, and what is left behind"},
		{"deps", "start what the file after names first"},
		{"later", "leave the service as it runs now"},
		{"json", "print a JSON object for each service, a line each"},
	}
	return slices.DeleteFunc(options, func(o option) bool { return !strings.Contains(synopsis, o.synopsis()) })
}

func newCommand(name string, l line) (*command, error) {
	limit, bound, err := chooseLimit(l)
	if err != nil {
		return nil, err
	}
	out := os.Stdout
	if l.has("json") {
		out = os.Stderr
	}
	c := &command{
		name:    name,
		json:    l.has("json"),
		later:   l.has("later"),
		deps:    l.has("deps"),
		console: newConsole(out, len(l.operands) > 1),
		results: map[string]error{},
		options: service.Options{Limit: limit, Bound: bound, Watch: -1, Kill: l.has("k")},
	}
	c.options.Script = c.console.script
	if watch, given := l.values["watch"]; given {
		if c.options.Watch, err = protocol.ParseSeconds(watch); err != nil {
			return nil, fmt.Errorf("--watch: %w", err)
		}
	}
	return c, nil
}

// chooseLimit takes the time limit from the option, which binds control scripts
// too, else from the environment.
func chooseLimit(l line) (limit time.Duration, bound bool, err error) {
	if text, given := l.values["w"]; given {
		limit, err = parseLimit("-w", text)
		return limit, true, err
	}
	if text := os.Getenv("SVWAIT"); text != "" {
		limit, err = parseLimit("SVWAIT", text)
		return limit, false, err
	}
	return defaultLimit, false, nil
}

func parseLimit(source, text string) (time.Duration, error) {
	seconds, err := strconv.ParseUint(text, 10, 64)
	if err != nil || seconds > maxLimit {
		return 0, fmt.Errorf("%s: not a number of seconds: %q", source, text)
	}
	return time.Duration(seconds) * time.Second, nil
}
