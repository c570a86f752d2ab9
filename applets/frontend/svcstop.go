package frontend

import "syn3d/applets/service"

func svcstop(args []string) error {
	return frontEnd("svcstop", args, func(c *command, dirs []string) { c.stop(dirs) })
}

// stop stops services and returns those that are down.
func (c *command) stop(dirs []string) (stopped []string) {
	options := c.optionsFor(dirs)
	return c.carryOut("Stopping", dirs, func(dir string) error { return service.Stop(c.ctx, dir, options) })
}
