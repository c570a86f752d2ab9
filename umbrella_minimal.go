//go:build minimal

package main

import (
	"flag"
	"fmt"
	"io"
	"os"
)

// umbrella is syn3d itself, without the package cli.
func umbrella(argv []string) error {
	options := flag.NewFlagSet(program, flag.ContinueOnError)
	options.SetOutput(io.Discard)
	lists := options.Bool("list", false, listing)
	tells := options.Bool("version", false, "")
	options.BoolVar(tells, "v", false, "")
	err := options.Parse(argv[min(1, len(argv)):])
	switch {
	case err == flag.ErrHelp:
		help(os.Stdout)
	case err != nil:
		return noApplet(argv, err.Error())
	case *tells:
		fmt.Println(program, version)
	case *lists:
		list(os.Stdout)
	case options.NArg() > 0:
		return unknownApplet(argv, options.Arg(0))
	default:
		help(os.Stdout)
	}
	return nil
}
