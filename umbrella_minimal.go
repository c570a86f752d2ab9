//go:build minimal

package main

import (
	"flag"
	"fmt"
	"io"
)

// tell prints what options of syn3d itself ask for, without the package cli.
func tell(argv []string, out io.Writer) error {
	options := flag.NewFlagSet(program, flag.ContinueOnError)
	options.SetOutput(io.Discard)
	lists := options.Bool("list", false, listing)
	tells := options.Bool("version", false, "")
	options.BoolVar(tells, "v", false, "")
	err := options.Parse(argv[min(1, len(argv)):])
	switch {
	case err == flag.ErrHelp:
		help(out)
	case err != nil:
		return noApplet(argv, err.Error())
	case *tells:
		fmt.Fprintln(out, program, version)
	case *lists:
		list(out)
	case options.NArg() > 0:
		return unknownApplet(argv, options.Arg(0))
	default:
		help(out)
	}
	return nil
}
