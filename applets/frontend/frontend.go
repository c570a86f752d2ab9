// Package frontend holds the administrator's commands: svcstart, svcstop and
// their like, which show what package service does; syn3-state; and what svstat
// tells beyond the original's line. Their options are read with urfave/cli, and
// that package costs time at every start of a program that it is part of:
// package early spares the other applets it, but may not import it, nor what
// does. It also makes up a third of the program: the minimal build does without.
package frontend

import (
	"errors"
	"slices"
	"strings"

	"syn3d/applets"
	"syn3d/applets/service"
	"syn3d/protocol"
)

// Find returns what runs the command of that name with the arguments that
// follow it, nil if there is none.
func Find(name string) func(args []string) error {
	switch name {
	case "svcstart":
		return svcstart
	case "svcstop":
		return svcstop
	case "svcrestart":
		return svcrestart
	case "svcreset":
		return svcreset
	case "svcenable":
		return svcenable
	case "svcdisable":
		return svcdisable
	case "svstat":
		return svstat
	case stateName:
		return syn3state
	case "upgrade":
		return upgrade
	case "scc":
		return controlCentre
	}
	return nil
}

// An act does what a command is for to service directories, all of which
// exist, and notes what comes of them.
type act func(c *command, dirs []string)

// frontEnd runs the administrator's command name.
func frontEnd(name string, args []string, do act) error {
	applet := applets.Find(name)
	return read(applet, optionsIn(applet.Args), args, func(l line) error {
		if len(l.operands) == 0 {
			return applets.Usage(synopsis(applet))
		}
		if option := misplaced(l.operands); option != "" && !slices.Contains(args, "--") {
			return usage(applet, errors.New(option+" is behind a service: options come first"))
		}
		c, err := newCommand(name, l)
		if err != nil {
			return applets.Usage(name + ": fatal: " + err.Error())
		}
		if slices.ContainsFunc(l.operands, c.stopsUs) {
			return detach()
		}
		return c.run(l.operands, do)
	})
}

// misplaced returns what looks like an option among operands, "" if nothing
// does. To begin without it would be too late to heed it.
func misplaced(operands []string) string {
	i := slices.IndexFunc(operands, func(operand string) bool { return strings.HasPrefix(operand, "-") })
	if i < 0 {
		return ""
	}
	return operands[i]
}

// serviceDirs returns the service directories that operands mean and that
// exist. It complains about those that do not.
func (c *command) serviceDirs(operands []string) (dirs []string) {
	for _, operand := range operands {
		dir := serviceDir(operand)
		if err := protocol.CheckDir(dir); err != nil {
			c.note(dir, &protocol.Error{What: "unable to chdir to " + service.Show(dir), Err: err})
			continue
		}
		dirs = append(dirs, dir)
	}
	return dirs
}

// serviceDir returns the service directory that an operand means. Unlike svc,
// the administrator's commands take names: a bare one is that of a service,
// whatever the current directory holds.
func serviceDir(operand string) string {
	if operand == "" || operand == "." || operand == ".." || strings.Contains(operand, "/") {
		return operand
	}
	dir := protocol.Root() + "/" + operand
	if protocol.CheckDir(dir) != nil && protocol.CheckDir(operand) == nil {
		return operand
	}
	return dir
}

// stopsUs reports whether the command may stop the service that this process
// belongs to.
func (c *command) stopsUs(operand string) bool {
	return c.name != "svcstart" && c.name != "svcenable" && !c.later && service.Inside(serviceDir(operand))
}

// detach has the command carried out by another process, which does not end
// with the service.
func detach() error {
	code, err := service.Detach()
	if err != nil {
		return err
	}
	return applets.Silently(code)
}
