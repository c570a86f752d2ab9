package frontend

import (
	"context"
	"os"
	"os/signal"
	"strings"

	"syn3d/applets"
	state "syn3d/applets/syn3state"
	"syn3d/protocol"

	"golang.org/x/sys/unix"
)

const stateName = "syn3-state"

func syn3state(args []string) error {
	applet := applets.Find(stateName)
	options := []option{
		{"json", "print a JSON object for each service"},
		{"metrics", "print all states for Prometheus"},
	}
	return read(applet, options, args, func(l line) error {
		asJSON, asMetrics, n := l.has("json"), l.has("metrics"), len(l.operands)
		if asJSON && asMetrics || asMetrics && n > 0 || asJSON && n > 1 {
			return applets.Usage(synopsis(applet))
		}
		return stateAction(l)
	})
}

func stateAction(l line) error {
	store := state.System()
	switch len(l.operands) {
	case 0:
		records, err := store.List(warnOfState)
		if err != nil {
			return err
		}
		return printStates(l, records)
	case 1:
		return printState(l, store, l.operands[0])
	}
	return setState(store, os.Getenv("SYN3_ROOT"), l.operands[0], l.operands[1], strings.Join(l.operands[2:], " "))
}

func warnOfState(err error) { applets.Warn(os.Stderr, stateName, err) }

// printState prints one state and ends as a Nagios plugin does.
func printState(l line, store state.Store, name string) error {
	if err := state.CheckName(name); err != nil {
		return stateUsage(err)
	}
	record, err := store.Get(name)
	if err != nil {
		warnOfState(err)
	}
	if err := printStates(l, []state.Record{record}); err != nil {
		return err
	}
	return applets.Silently(int(record.State))
}

func printStates(l line, records []state.Record) (err error) {
	var text []byte
	switch {
	case l.has("json"):
		text, err = state.AppendJSON(nil, records)
	case l.has("metrics"):
		text = state.AppendMetrics(nil, records)
	default:
		text = state.AppendText(nil, records, stateStyle())
	}
	if err == nil {
		_, err = os.Stdout.Write(text)
	}
	return printed(err)
}

// printed is the error of what was to be printed: who reads it is not to take a
// part for the whole.
func printed(err error) error {
	if err != nil {
		return &protocol.Error{What: "unable to print", Err: err}
	}
	return nil
}

// stateStyle suits the terminal, if standard output is one.
func stateStyle() state.Style {
	size, err := unix.IoctlGetWinsize(1, unix.TIOCGWINSZ)
	if err != nil {
		return state.Style{}
	}
	return state.Style{Color: os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb", Width: int(size.Col)}
}

// setState sets a state, and hands it to the hooks if it has changed.
func setState(store state.Store, root, name, text, message string) error {
	if err := state.CheckName(name); err != nil {
		return stateUsage(err)
	}
	to, err := state.ParseState(text)
	if err != nil {
		return stateUsage(err)
	}
	change, err := store.Set(name, to, message)
	if err != nil || change.Old == change.New {
		return err
	}
	ctx, stop := signal.NotifyContext(context.Background(), unix.SIGHUP, unix.SIGINT, unix.SIGTERM)
	defer stop()
	hooks := state.Hooks{Dir: root + state.HookDir, Limit: state.HookLimit, Output: os.Stderr, Warn: warnOfState}
	return hooks.Run(ctx, change)
}

func stateUsage(err error) error {
	return applets.Usage(stateName + ": fatal: " + err.Error())
}
