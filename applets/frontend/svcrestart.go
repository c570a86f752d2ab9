package frontend

import (
	"errors"
	"slices"

	"syn3d/applets/service"
	"syn3d/protocol"
)

func svcrestart(args []string) error {
	return frontEnd("svcrestart", args, func(c *command, dirs []string) {
		before := map[string]protocol.Status{}
		running := c.onlyRunning(dirs, before)
		stopped := c.stop(running)
		if service.Detached() {
			// It is a part of the service itself that has it restarted, and
			// that waits for us: that is no reason to leave it down.
			stopped = slices.DeleteFunc(running, func(dir string) bool { return !c.isDown(dir) })
		}
		options := c.optionsFor(stopped)
		c.carryOut("Starting", stopped, func(dir string) error {
			return service.Start(c.ctx, dir, asBefore(options, before[dir]))
		})
	})
}

// onlyRunning returns those of dirs that run, and how, and says which do not.
func (c *command) onlyRunning(dirs []string, how map[string]protocol.Status) (running []string) {
	for _, dir := range dirs {
		status, err := service.Running(dir)
		if err == nil && status.Up() {
			err = service.CheckCaller(dir)
		}
		switch {
		case err != nil:
			c.note(dir, err)
		case !status.Up():
			c.console.say("Not running " + service.Show(dir))
		default:
			how[dir] = status
			running = append(running, dir)
		}
	}
	return running
}

// isDown reports whether a service has been stopped, be it with processes left
// behind.
func (c *command) isDown(dir string) bool {
	var failure *service.Failure
	err := c.results[dir]
	return err == nil || errors.As(err, &failure) && failure.Leftovers != nil
}

// asBefore returns the options that bring a service into the state in which it
// was: not to be started again when it ends, or paused.
func asBefore(options service.Options, before protocol.Status) service.Options {
	options.Once, options.Pause = before.Want == protocol.WantOnce, before.Paused
	return options
}
