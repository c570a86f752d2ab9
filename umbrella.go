package main

import (
	"bytes"
	"fmt"
	"os"
	"path"
	"strings"

	"syn3d/applets"
	"syn3d/protocol"

	"github.com/urfave/cli/v2"
)

const umbrellaHelp = `{{.Name}} {{.Version}}: {{.Usage}}

Usage: {{.UsageText}}

Options:
{{- range .VisibleFlags}}
  {{.}}
{{- end}}
{{range .VisibleCategories}}
{{.Name}}:
{{- range .VisibleCommands}}
  {{.Name}}{{with .ArgsUsage}} {{.}}{{end}}
        {{.Usage}}
{{- end}}
{{end}}`

// umbrella is syn3d itself: what is left when no applet has been named.
func umbrella(argv []string) error {
	cli.VersionPrinter = func(c *cli.Context) { fmt.Fprintln(c.App.Writer, c.App.Name, c.App.Version) }
	app := &cli.App{
		Name:                  "syn3d",
		Version:               version,
		Usage:                 "daemontools and the Syn-3 service commands",
		UsageText:             "syn3d applet [argument ...], or applet [argument ...] through a link of that name",
		CustomAppHelpTemplate: umbrellaHelp,
		HideHelpCommand:       true,
		EnableBashCompletion:  true,
		Flags: []cli.Flag{
			&cli.BoolFlag{Name: "list", Usage: "print the names that links are for, one a line", DisableDefaultText: true},
		},
		OnUsageError: func(_ *cli.Context, err error, _ bool) error {
			return noApplet(argv, err.Error())
		},
		Action: func(c *cli.Context) error { return helpOrList(c, argv) },
	}
	for _, a := range applets.All() {
		app.Commands = append(app.Commands, &cli.Command{
			Name: a.Name, ArgsUsage: a.Args, Usage: a.Short, Category: string(a.Group), HideHelp: true,
		})
	}
	var out bytes.Buffer
	app.Writer = &out
	if err := app.Run(argv); err != nil {
		return err
	}
	// Who installs links of the list is not to take a part of it for the whole.
	if _, err := os.Stdout.Write(out.Bytes()); err != nil {
		return &protocol.Error{What: "unable to print", Err: err}
	}
	return nil
}

func helpOrList(c *cli.Context, argv []string) error {
	if c.Bool("list") {
		for _, a := range applets.All() {
			if a.Linked() {
				fmt.Fprintln(c.App.Writer, a.Name)
			}
		}
		return nil
	}
	if c.Args().Present() {
		return noApplet(argv, "unknown applet "+c.Args().First())
	}
	return cli.ShowAppHelp(c)
}

// noApplet is the error of a call that names no applet. It tells of a link
// that was meant to be one: that the program behind it is syn3d is not to be
// seen otherwise.
func noApplet(argv []string, what string) error {
	if name := path.Base(argv[0]); !strings.HasPrefix(name, "syn3d") {
		what = "called as " + name + ", which is no applet: " + what
	}
	return applets.Usage("syn3d: fatal: " + what + " (syn3d --list names all applets)")
}
