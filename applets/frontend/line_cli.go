//go:build !minimal

package frontend

import (
	"fmt"

	"syn3d/applets"

	"github.com/urfave/cli/v2"
)

// read reads the command line of a front end and has it carried out, or else
// prints the help that it asks for.
func read(applet *applets.Applet, options []option, args []string, carryOut func(line) error) error {
	app := &cli.App{
		Name:            applet.Name,
		Usage:           applet.Short,
		UsageText:       applet.Name + " " + applet.Args,
		HideHelpCommand: true,
		OnUsageError:    func(_ *cli.Context, err error, _ bool) error { return usage(applet, err) },
		Action:          func(c *cli.Context) error { return carryOut(lineOf(c)) },
	}
	for _, o := range options {
		app.Flags = append(app.Flags, o.flag())
	}
	return app.Run(append([]string{applet.Name}, args...))
}

func (o option) flag() cli.Flag {
	if o.takesValue() {
		return &cli.StringFlag{Name: o.name, Usage: o.usage}
	}
	return &cli.BoolFlag{Name: o.name, Usage: o.usage, DisableDefaultText: true}
}

func lineOf(c *cli.Context) line {
	l := line{map[string]string{}, c.Args().Slice()}
	for _, name := range c.LocalFlagNames() {
		l.values[name] = fmt.Sprint(c.Value(name))
	}
	return l
}
