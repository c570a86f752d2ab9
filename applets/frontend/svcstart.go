package frontend

import "syn3d/applets/service"

func svcstart(args []string) error {
	return frontEnd("svcstart", args, func(c *command, dirs []string) {
		if c.deps {
			var before []string
			before, dirs = service.Before(dirs)
			for _, dir := range c.serviceDirs(before) {
				c.start([]string{dir})
			}
		}
		c.start(dirs)
	})
}

// start starts services and returns those that run properly.
func (c *command) start(dirs []string) (started []string) {
	options := c.optionsFor(dirs)
	return c.carryOut("Starting", dirs, func(dir string) error { return service.Start(c.ctx, dir, options) })
}
