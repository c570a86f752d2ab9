//go:build !minimal

package main

import (
	"fmt"
	"io"

	"syn3d/applets"

	"github.com/urfave/cli/v2"
)

// tell prints what options of syn3d itself ask for.
func tell(argv []string, out io.Writer) error {
	cli.VersionPrinter = func(c *cli.Context) { fmt.Fprintln(c.App.Writer, c.App.Name, c.App.Version) }
	cli.HelpPrinter = func(out io.Writer, _ string, _ any) { help(out) }
	app := &cli.App{
		Name:                 program,
		Version:              version,
		Usage:                purpose,
		UsageText:            calls,
		Writer:               out,
		HideHelpCommand:      true,
		EnableBashCompletion: true,
		Flags:                []cli.Flag{&cli.BoolFlag{Name: "list", Usage: listing}},
		OnUsageError:         func(_ *cli.Context, err error, _ bool) error { return noApplet(argv, err.Error()) },
		Action:               func(c *cli.Context) error { return helpOrList(c, argv) },
	}
	for _, a := range applets.All() {
		app.Commands = append(app.Commands, &cli.Command{Name: a.Name, Usage: a.Short, HideHelp: true})
	}
	return app.Run(argv)
}

func helpOrList(c *cli.Context, argv []string) error {
	switch {
	case c.Bool("list"):
		list(c.App.Writer)
	case c.Args().Present():
		return unknownApplet(argv, c.Args().First())
	default:
		help(c.App.Writer)
	}
	return nil
}
