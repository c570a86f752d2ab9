// Package frontend holds the administrator's commands: svcstart, svcstop and
// their like, syn3-state, and what svstat tells beyond the original's line. They read
// options and show what package service does. Their options are read with
// urfave/cli, and that package costs time at every start of a program that it
// is part of: package early spares the other applets it, but may not import
// it, nor what does.
package frontend

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"strconv"
	"strings"
	"time"

	"syn3d/applets"
	"syn3d/protocol"
	"syn3d/service"

	"github.com/urfave/cli/v2"
	"golang.org/x/sys/unix"
)

// codeFailed is the exit code that says: the service is not as asked for.
const codeFailed = 1

const (
	defaultLimit = 30 * time.Second
	maxLimit     = 1 << 30 // seconds, 34 years: what a time.Duration holds
)

// Find returns what runs the command of that name with the arguments that
// follow it, nil if there is none.
func Find(name string) func(args []string) error {
	switch name {
	case "svcstart":
		return svcstart
	case "svcstop":
		return svcstop
	case "svcrestart":
		return svcrestart
	case "svcreset":
		return svcreset
	case stateName:
		return syn3state
	case "svcenable":
		return svcenable
	case "svcdisable":
		return svcdisable
	case "svstat":
		return svstat
	}
	return nil
}

// A command is one call of an administrator's command.
type command struct {
	name    string
	ctx     context.Context // done when the command is interrupted
	options service.Options
	later   bool
	json    bool
	console *console
	results map[string]error // of the service directories
}

// An act does what a command is for to service directories, all of which
// exist, and notes what comes of them.
type act func(c *command, dirs []string)

// frontEnd runs the administrator's command name.
func frontEnd(name string, args []string, do act) error {
	applet := applets.Find(name)
	synopsis := name + ": usage: " + name + " " + applet.Args
	app := &cli.App{
		Name:            name,
		Usage:           applet.Short,
		UsageText:       name + " " + applet.Args,
		HideHelpCommand: true,
		Flags:           flagsIn(applet.Args),
		OnUsageError: func(_ *cli.Context, err error, _ bool) error {
			return applets.Usage(name + ": fatal: " + err.Error() + "\n" + synopsis)
		},
		Action: func(line *cli.Context) error {
			if !line.Args().Present() {
				return applets.Usage(synopsis)
			}
			c, err := newCommand(name, line)
			if err != nil {
				return applets.Usage(name + ": fatal: " + err.Error())
			}
			operands := line.Args().Slice()
			if slices.ContainsFunc(operands, c.stopsUs) {
				return detach()
			}
			return c.run(operands, do)
		},
	}
	return app.Run(append([]string{name}, args...))
}

// flagsIn returns the flags that a synopsis shows.
func flagsIn(synopsis string) (shown []cli.Flag) {
	flags := []struct {
		text string
		flag cli.Flag
	}{
		{"[-w ", &cli.StringFlag{Name: "w", Usage: "wait for at most `seconds`, instead of $SVWAIT or 30; control scripts, too"}},
		{"[--watch ", &cli.StringFlag{Name: "watch", Usage: "watch a service without a start script for `seconds`, instead of 2"}},
		{"[-k]", &cli.BoolFlag{Name: "k", Usage: "kill what does not end, and what is left behind"}},
		{"[--later]", &cli.BoolFlag{Name: "later", Usage: "leave the service as it runs now"}},
		{"[--json]", &cli.BoolFlag{Name: "json", Usage: "print a JSON object for each service, a line each"}},
	}
	for _, f := range flags {
		if strings.Contains(synopsis, f.text) {
			shown = append(shown, f.flag)
		}
	}
	return shown
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
		console: newConsole(out, line.NArg() > 1),
		results: map[string]error{},
		options: service.Options{Limit: limit, Bound: line.IsSet("w"), Watch: -1, Kill: line.Bool("k")},
	}
	c.options.Script = c.console.script
	if line.IsSet("watch") {
		if c.options.Watch, err = service.ParseSeconds(line.String("watch")); err != nil {
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

// run carries out the command, which interrupts end in good order, and which
// does not end because nobody reads what it prints.
func (c *command) run(operands []string, do act) error {
	service.OutliveReaders()
	signals := []os.Signal{unix.SIGINT, unix.SIGTERM}
	if !signal.Ignored(unix.SIGHUP) { // by nohup
		signals = append(signals, unix.SIGHUP)
	}
	ctx, cancel := signal.NotifyContext(context.Background(), signals...)
	defer cancel()
	c.ctx = ctx

	do(c, c.serviceDirs(operands))
	if c.json {
		c.printJSON(operands)
	}
	for _, err := range c.results {
		if err != nil {
			return applets.Silently(codeFailed)
		}
	}
	return nil
}

// note keeps what has come of a service, and says so if it is a failure. The
// first failure counts.
func (c *command) note(dir string, err error) {
	if err != nil {
		applets.Report(os.Stderr, c.name, err)
	}
	if c.results[dir] == nil {
		c.results[dir] = err
	}
}

func (c *command) printJSON(operands []string) {
	out := json.NewEncoder(os.Stdout)
	out.SetEscapeHTML(false)
	for _, operand := range operands {
		dir := serviceDir(operand)
		state := service.Look(dir)
		state.Done(c.name, c.results[dir])
		out.Encode(state)
	}
}

// serviceDirs returns the service directories that operands mean and that
// exist. It complains about those that do not.
func (c *command) serviceDirs(operands []string) (dirs []string) {
	for _, operand := range operands {
		dir := serviceDir(operand)
		if err := protocol.CheckDir(dir); err != nil {
			c.note(dir, &protocol.Error{What: "unable to chdir to " + service.Show(dir), Err: err})
			continue
		}
		dirs = append(dirs, dir)
	}
	return dirs
}

// serviceDir returns the service directory that an operand means. Unlike svc,
// the administrator's commands take names: a bare one is that of a service,
// whatever the current directory holds.
func serviceDir(operand string) string {
	if operand == "" || operand == "." || operand == ".." || strings.Contains(operand, "/") {
		return operand
	}
	dir := protocol.Root() + "/" + operand
	if protocol.CheckDir(dir) != nil && protocol.CheckDir(operand) == nil {
		return operand
	}
	return dir
}

// carryOut does to each service directory, all at once, what act does to one,
// and tells how it goes: "Stopping /service/mldonkey/ ....OK". It returns
// those that went well.
func (c *command) carryOut(doing string, dirs []string, act func(dir string) error) (done []string) {
	results := make([]chan error, len(dirs))
	for i, dir := range dirs {
		results[i] = make(chan error, 1)
		go func() { results[i] <- act(dir) }()
	}
	for i, dir := range dirs {
		c.console.begin(doing + " " + service.Show(dir) + " ....")
		err := c.await(results[i])
		c.console.end(err == nil)
		c.note(dir, err)
		if err == nil {
			done = append(done, dir)
		}
	}
	return done
}

// await returns the result, and has it shown that it is waited for.
func (c *command) await(result <-chan error) error {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		select {
		case err := <-result:
			return err
		case now := <-tick.C:
			c.console.tick(now)
		}
	}
}

// stopsUs reports whether the command may stop the service that this process
// belongs to.
func (c *command) stopsUs(operand string) bool {
	return c.name != "svcstart" && c.name != "svcenable" && !c.later && service.Inside(serviceDir(operand))
}

// detach has the command carried out by another process, which does not end
// with the service.
func detach() error {
	code, err := service.Detach()
	if err != nil {
		return err
	}
	return applets.Silently(code)
}
