package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path"
	"strings"

	"syn3d/applets"
	"syn3d/protocol"
)

const (
	program = "syn3d"
	purpose = "daemontools and the Syn-3 service commands"
	calls   = "syn3d applet [argument ...], or applet [argument ...] through a link of that name"
	listing = "print the names that links are for, one a line"
)

// umbrella is syn3d itself: what is left when no applet has been named.
func umbrella(argv []string) error {
	var out bytes.Buffer
	if err := tell(argv, &out); err != nil {
		return err
	}
	// Who installs links of the list is not to take a part of it for the whole.
	if _, err := os.Stdout.Write(out.Bytes()); err != nil {
		return &protocol.Error{What: "unable to print", Err: err}
	}
	return nil
}

// help prints the help of syn3d itself.
func help(out io.Writer) {
	fmt.Fprintf(out, "%s %s: %s\n\nUsage: %s\n\nOptions:\n", program, version, purpose, calls)
	fmt.Fprintf(out, "  --list         %s\n  --help, -h     show help\n  --version, -v  print the version\n", listing)
	var group applets.Group
	for _, a := range applets.All() {
		if a.Group != group {
			group = a.Group
			fmt.Fprintf(out, "\n%s:\n", group)
		}
		fmt.Fprintf(out, "  %s\n        %s\n", strings.TrimSpace(a.Name+" "+a.Args), a.Short)
	}
}

// list prints the names that links are for.
func list(out io.Writer) {
	for _, a := range applets.All() {
		if a.Linked() {
			fmt.Fprintln(out, a.Name)
		}
	}
}

// unknownApplet is the error of a call with an operand.
func unknownApplet(argv []string, operand string) error {
	return noApplet(argv, "unknown applet "+operand)
}

// noApplet is the error of a call that names no applet. It tells of a link
// that was meant to be one: that the program behind it is syn3d is not to be
// seen otherwise.
func noApplet(argv []string, what string) error {
	if name := path.Base(argv[0]); !strings.HasPrefix(name, program) {
		what = "called as " + name + ", which is no applet: " + what
	}
	return applets.Usage("syn3d: fatal: " + what + " (syn3d --list names all applets)")
}
