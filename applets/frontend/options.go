package frontend

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"syn3d/applets/service"
	"syn3d/protocol"

	"github.com/urfave/cli/v2"
)

const (
	defaultLimit = 30 * time.Second
	maxLimit     = 1 << 30 // seconds, 34 years: what a time.Duration holds
)

// flagsIn returns the flags that a synopsis shows.
func flagsIn(synopsis string) (shown []cli.Flag) {
	flags := []struct {
		text string
		flag cli.Flag
	}{
		{"[-w ", &cli.StringFlag{Name: "w", Usage: "wait for at most `seconds`, instead of $SVWAIT or 30; control scripts, too"}},
		{"[--watch ", &cli.StringFlag{Name: "watch", Usage: "watch a service without a start script for `seconds`, instead of 2"}},
		{"[-k]", boolFlag("k", "kill what does not end, and what is left behind")},
		{"[--deps]", boolFlag("deps", "start what the file after names first")},
		{"[--later]", boolFlag("later", "leave the service as it runs now")},
		{"[--json]", boolFlag("json", "print a JSON object for each service, a line each")},
	}
	for _, f := range flags {
		if strings.Contains(synopsis, f.text) {
			shown = append(shown, f.flag)
		}
	}
	return shown
}

// boolFlag returns a flag that is set or not: its help is not to say which it
// is if it is not given.
func boolFlag(name, usage string) cli.Flag {
	return &cli.BoolFlag{Name: name, Usage: usage, DisableDefaultText: true}
}

func newCommand(name string, line *cli.Context) (*command, error) {
	limit, err := chooseLimit(line)
	if err != nil {
		return nil, err
	}
	out := os.Stdout
	if line.Bool("json") {
		out = os.Stderr
	}
	c := &command{
		name:    name,
		json:    line.Bool("json"),
		later:   line.Bool("later"),
		deps:    line.Bool("deps"),
		console: newConsole(out, line.NArg() > 1),
		results: map[string]error{},
		options: service.Options{Limit: limit, Bound: line.IsSet("w"), Watch: -1, Kill: line.Bool("k")},
	}
	c.options.Script = c.console.script
	if line.IsSet("watch") {
		if c.options.Watch, err = protocol.ParseSeconds(line.String("watch")); err != nil {
			return nil, fmt.Errorf("--watch: %w", err)
		}
	}
	return c, nil
}

// chooseLimit takes the time limit from the option, else from the environment.
func chooseLimit(line *cli.Context) (time.Duration, error) {
	switch {
	case line.IsSet("w"):
		return parseLimit("-w", line.String("w"))
	case os.Getenv("SVWAIT") != "":
		return parseLimit("SVWAIT", os.Getenv("SVWAIT"))
	}
	return defaultLimit, nil
}

func parseLimit(source, text string) (time.Duration, error) {
	seconds, err := strconv.ParseUint(text, 10, 64)
	if err != nil || seconds > maxLimit {
		return 0, fmt.Errorf("%s: not a number of seconds: %q", source, text)
	}
	return time.Duration(seconds) * time.Second, nil
}
