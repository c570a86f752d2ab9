//go:build minimal

package frontend

import (
	"flag"
	"fmt"
	"io"
	"os"

	"syn3d/applets"
)

// read reads the command line of a front end and has it carried out, or else
// prints the help that it asks for. It understands what the package cli does,
// which reads a line with flag, too.
func read(applet *applets.Applet, options []option, args []string, carryOut func(line) error) error {
	flags := flag.NewFlagSet(applet.Name, flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	for _, o := range options {
		if o.takesValue() {
			flags.String(o.name, "", o.usage)
		} else {
			flags.Bool(o.name, false, o.usage)
		}
	}
	switch err := flags.Parse(args); err {
	case nil:
		return carryOut(lineOf(flags))
	case flag.ErrHelp:
		fmt.Printf("%s: %s\nusage: %[1]s %s\n", applet.Name, applet.Short, applet.Args)
		flags.SetOutput(os.Stdout)
		flags.PrintDefaults()
		return nil
	default:
		return usage(applet, err)
	}
}

func lineOf(flags *flag.FlagSet) line {
	l := line{map[string]string{}, flags.Args()}
	flags.Visit(func(f *flag.Flag) { l.values[f.Name] = f.Value.String() })
	return l
}
