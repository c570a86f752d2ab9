// Package applets is the table of all applets, and those of them that need no
// flag parser. Package frontend has the others.
package applets

import (
	"os"
	"path"
	"slices"
	"strings"

	"syn3d/applets/pid1"
)

// A Group is a heading of the help.
type Group string

const (
	Administration Group = "Administration"
	Supervision    Group = "Supervision"
	Logging        Group = "Logging"
	Running        Group = "Running programs"

	// Machine is the group of those that have links only where syn3d is to be
	// the machine's init: install.sh makes them if it is told to.
	Machine Group = "Being process 1"

	// Itself is the group of those that are only called as "syn3d NAME": there
	// are no links to them.
	Itself Group = "syn3d itself"
)

// An Applet is one command.
type Applet struct {
	Name  string
	Args  string // the operands, as in a synopsis
	Short string // what it does, in a line
	Group Group

	// Run runs it with the arguments that follow its name. What it returns
	// is the end of the process: see Report. It is nil for those of package
	// frontend.
	Run func(args []string) error
}

// Linked reports whether there are to be links by the name of the applet in
// every system.
func (a *Applet) Linked() bool { return a.Group != Itself && a.Group != Machine }

// All lists every applet in the order of the help.
func All() []Applet {
	return slices.Concat([]Applet{
		{"svcstart", "[-w seconds] [--watch seconds] [--deps] [--json] service ...", "start services and verify that they run", Administration, nil},
		{"svcstop", "[-k] [-w seconds] [--json] service ...", "stop services and verify that they have gone", Administration, nil},
		{"svcrestart", "[-k] [-w seconds] [--watch seconds] [--json] service ...", "stop and start services that run", Administration, nil},
		{"svcreset", "[-k] [-w seconds] [--watch seconds] [--json] service ...", "start services, or stop those that are normally down", Administration, nil},
		{"svcenable", "[-w seconds] [--watch seconds] [--later] [--json] service ...", "start services, now and at boot", Administration, nil},
		{"svcdisable", "[-k] [-w seconds] [--later] [--json] service ...", "stop services, now and at boot", Administration, nil},
		{"svstat", "[-l | --json] service ...", "print status and uptime of services", Administration, svstat},
		{"syn3-state", "[--json | --metrics] [name [state [message ...]]]", "report and show the states of services", Administration, nil},
	}, controlCentre(), []Applet{
		{"svc", "[-udopchaitkxq12w] service ...", "send commands to the supervisors of services", Supervision, svc},
		{"svok", "service", "tell by the exit code whether a service is supervised", Supervision, svok},
		{"supervise", "directory", "keep one service running", Supervision, supervise},
		{"svscan", "[-p] [directory]", "keep all services of a directory running", Supervision, svscan},
		{"svscanboot", "", "keep svscan running, its errors shown in the list of processes", Supervision, svscanboot},
		{"readproctitle", "text ... dots", "show the last of what it reads in the list of processes", Supervision, readproctitle},

		{"multilog", "action ...", "append selected lines to logs that do not grow", Logging, multilog},
		{"tai64n", "", "put a precise time stamp in front of each line", Logging, tai64n},
		{"tai64nlocal", "", "make precise time stamps readable", Logging, tai64nlocal},

		{"setuidgid", "account program ...", "run a program with the rights of a user", Running, tool("setuidgid")},
		{"envuidgid", "account program ...", "run a program with the ids of a user in UID and GID", Running, tool("envuidgid")},
		{"envdir", "directory program ...", "run a program with an environment from files", Running, tool("envdir")},
		{"softlimit", "[-acdflmoprst limit] program ...", "run a program under limits", Running, tool("softlimit")},
		{"setlock", "[-nNxX] file program ...", "run a program with a file locked", Running, tool("setlock")},
		{"fghack", "program ...", "run a program that would go into the background", Running, tool("fghack")},
		{"pgrphack", "program ...", "run a program in a session of its own", Running, tool("pgrphack")},

		{"init", "", "be process 1: bring up the system, keep its services, end it", Machine, initialize},
		{"reboot", "[-f]", "stop all services and restart the machine", Machine, ask(pid1.Reboot)},
		{"poweroff", "[-f]", "stop all services and switch the machine off", Machine, ask(pid1.PowerOff)},
		{"halt", "[-f]", "stop all services and the machine", Machine, ask(pid1.Halt)},
		{"shutdown", "[-hPr] now", "stop all services and switch the machine off, or restart it", Machine, shutdown},

		{"upgrade", "[directory]", "have svscan execute its program anew, with nothing restarted", Itself, nil},
	})
}

// tool is what runs a tool of exec chains, whose link has the same name.
func tool(name string) func(args []string) error {
	return func(args []string) error { return become(name, args) }
}

// Early returns what runs the applet with args, nil if package frontend does.
func (a *Applet) Early(args []string) func(args []string) error {
	if a.Name == "svstat" && tellsMore(args) {
		return nil
	}
	return a.Run
}

// Called returns the applet that a command line calls, by its name or else by
// its first argument, and the applet's arguments. It returns nil if it calls
// none.
//
// What the kernel starts as process 1 is init, whatever words it has found for
// it on its command line: the kernel would panic at an error.
func Called(argv []string) (applet *Applet, args []string) {
	for i := 0; i < len(argv) && i < 2; i++ {
		name := argv[i]
		if i == 0 {
			name = path.Base(name)
		}
		if applet := Find(name); applet != nil {
			return applet, argv[i+1:]
		}
	}
	if os.Getpid() == 1 && isFirst(argv) {
		return Find("init"), nil
	}
	return nil, nil
}

func isFirst(argv []string) bool {
	named := len(argv) == 0 || strings.HasPrefix(path.Base(argv[0]), "syn3d")
	option := len(argv) > 1 && strings.HasPrefix(argv[1], "-")
	return named && !option
}

// Stays reports whether the applet is a daemon: it has several goroutines, which
// wait for different things.
func (a *Applet) Stays() bool {
	switch a.Name {
	case "supervise", "svscan", "svscanboot", "multilog", "init":
		return true
	}
	return false
}

// Find returns the applet of that name, nil if there is none.
func Find(name string) *Applet {
	all := All()
	for i := range all {
		if all[i].Name == name {
			return &all[i]
		}
	}
	return nil
}
