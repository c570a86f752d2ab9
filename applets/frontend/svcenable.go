package frontend

import "syn3d/applets/service"

func svcenable(args []string) error {
	return frontEnd("svcenable", args, func(c *command, dirs []string) {
		enabled := c.carryOut("Enabling", dirs, service.Enable)
		if !c.later {
			c.start(enabled)
		}
	})
}

func svcdisable(args []string) error {
	return frontEnd("svcdisable", args, func(c *command, dirs []string) {
		disabled := c.carryOut("Disabling", dirs, service.Disable)
		if !c.later {
			c.stop(disabled)
		}
	})
}
