// Package frontend holds the administrator's commands: svcstart, svcstop,
// svcrestart, svcreset and syn3-state. Their options are read with urfave/cli, and that
// package costs time at every start of a program that it is part of: package
// early spares the other applets it, but may not import it, nor what does.
package frontend

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"syn3d/applets"
	"syn3d/protocol"

	"github.com/urfave/cli/v2"
	"golang.org/x/sys/unix"
)

// codeFailed is the exit code that says: the service is not as asked for.
const codeFailed = 1

const (
	defaultLimit = 30 * time.Second
	maxLimit     = 1 << 30 // seconds, 34 years: what a time.Duration holds
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
	case stateName:
		return syn3state
	case "upgrade":
		return upgrade
	}
	return nil
}

// frontEnd runs the administrator's command name: do is called with the
// service directories that the operands mean, all of which exist, and with
// the time that each may take, and reports whether all is well.
func frontEnd(name string, args []string, do func(dirs []string, limit time.Duration) bool) error {
	applet := applets.Find(name)
	synopsis := name + ": usage: " + name + " " + applet.Args
	app := &cli.App{
		Name:            name,
		Usage:           applet.Short,
		UsageText:       name + " " + applet.Args,
		HideHelpCommand: true,
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "w", Usage: "wait for at most `seconds`, instead of $SVWAIT or 30"},
		},
		OnUsageError: func(_ *cli.Context, err error, _ bool) error {
			return applets.Usage(name + ": fatal: " + err.Error() + "\n" + synopsis)
		},
		Action: func(c *cli.Context) error {
			if !c.Args().Present() {
				return applets.Usage(synopsis)
			}
			limit, err := chooseLimit(c)
			if err != nil {
				return applets.Usage(name + ": fatal: " + err.Error())
			}
			dirs, ok := serviceDirs(name, c.Args().Slice())
			if !do(dirs, limit) || !ok {
				return applets.Silently(codeFailed)
			}
			return nil
		},
	}
	return app.Run(append([]string{name}, args...))
}

// chooseLimit takes the time limit from the option, else from the environment.
func chooseLimit(c *cli.Context) (time.Duration, error) {
	switch {
	case c.IsSet("w"):
		return parseLimit("-w", c.String("w"))
	case os.Getenv("SVWAIT") != "":
		return parseLimit("SVWAIT", os.Getenv("SVWAIT"))
	}
	return defaultLimit, nil
}

func parseLimit(source, text string) (time.Duration, error) {
	seconds, err := strconv.ParseUint(text, 10, 64)
	if err != nil || seconds > maxLimit {
		return 0, fmt.Errorf("%s: not a number of seconds: %q", source, text)
	}
	return time.Duration(seconds) * time.Second, nil
}

// serviceDirs returns the service directories that operands mean, and whether
// all of them exist. It complains about those that do not.
func serviceDirs(name string, operands []string) (dirs []string, ok bool) {
	ok = true
	for _, operand := range operands {
		dir := serviceDir(operand)
		if err := protocol.CheckDir(dir); err != nil {
			applets.Report(os.Stderr, name, &protocol.Error{What: "unable to chdir to " + dir, Err: err})
			ok = false
			continue
		}
		dirs = append(dirs, dir)
	}
	return dirs, ok
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

// carryOut does to each service directory, all at once, what act does to one,
// and tells how it goes: "Stopping /service/mldonkey/ ....OK". It returns
// those that went well.
func carryOut(name, doing string, dirs []string, act func(dir string) error) (done []string) {
	results := make([]chan error, len(dirs))
	for i, dir := range dirs {
		results[i] = make(chan error, 1)
		go func() { results[i] <- act(dir) }()
	}
	for i, dir := range dirs {
		fmt.Print(doing, " ", dir, " ....")
		if err := await(results[i]); err != nil {
			fmt.Println("FAILED")
			applets.Report(os.Stderr, name, err)
			continue
		}
		fmt.Println("OK")
		done = append(done, dir)
	}
	return done
}

// await returns the result, and shows on a terminal that it is waited for.
func await(result <-chan error) error {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	live := isTerminal(1)
	for {
		select {
		case err := <-result:
			return err
		case <-tick.C:
			if live {
				fmt.Print(".")
			}
		}
	}
}

func isTerminal(fd int) bool {
	_, err := unix.IoctlGetTermios(fd, unix.TCGETS)
	return err == nil
}
