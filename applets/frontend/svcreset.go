package frontend

import (
	"syn3d/applets/service"
	"syn3d/protocol"
)

func svcreset(args []string) error {
	return frontEnd("svcreset", args, func(c *command, dirs []string) {
		var up, down []string
		for _, dir := range dirs {
			normallyDown, err := protocol.NormallyDown(dir)
			switch {
			case err != nil:
				c.note(dir, &protocol.Error{What: "unable to stat " + service.Show(dir+"/"+protocol.DownFile), Err: err})
			case normallyDown:
				down = append(down, dir)
			default:
				up = append(up, dir)
			}
		}
		c.stop(down)
		c.start(up)
	})
}
