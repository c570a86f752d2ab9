package frontend

import (
	"context"
	"encoding/json"
	"os"
	"os/signal"
	"slices"
	"time"

	"syn3d/applets"
	"syn3d/applets/service"

	"golang.org/x/sys/unix"
)

// codeFailed is the exit code that says: the service is not as asked for.
const codeFailed = 1

// A command is one call of an administrator's command.
type command struct {
	name    string
	ctx     context.Context // done when the command is interrupted
	options service.Options
	later   bool
	deps    bool
	json    bool
	console *console
	results map[string]error // of the service directories
}

// run carries out the command, which interrupts end in good order, and which
// does not end because nobody reads what it prints.
func (c *command) run(operands []string, do act) error {
	service.OutliveReaders()
	// What nohup, or a shell for a command in the background, ignores stays so.
	signals := slices.DeleteFunc([]os.Signal{unix.SIGINT, unix.SIGTERM, unix.SIGHUP, unix.SIGQUIT}, signal.Ignored)
	ctx, cancel := signal.NotifyContext(context.Background(), signals...)
	context.AfterFunc(ctx, cancel) // a second one ends it at once
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

// optionsFor returns the options for what is done to dirs now.
func (c *command) optionsFor(dirs []string) service.Options {
	options := c.options
	if len(dirs) > 1 {
		options.Processes = service.ListProcesses()
	}
	return options
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
