package applets

// A Group is a heading of the help.
type Group string

const (
	Administration Group = "Administration"
	Supervision    Group = "Supervision"
	Logging        Group = "Logging"
)

// An Applet is one command.
type Applet struct {
	Name  string
	Args  string // the operands, as in a synopsis
	Short string // what it does, in a line
	Group Group

	// Run runs it with the arguments that follow its name. What it returns
	// is the end of the process: see Report.
	Run func(args []string) error
}

// All lists every applet in the order of the help.
func All() []Applet {
	return []Applet{
		{"svcstart", "[-w seconds] service ...", "start services and verify that they run", Administration, svcstart},
		{"svcstop", "[-w seconds] service ...", "stop services and verify that they have gone", Administration, svcstop},
		{"svcrestart", "[-w seconds] service ...", "stop and start services that run", Administration, svcrestart},
		{"svcreset", "[-w seconds] service ...", "start services, or stop those that are normally down", Administration, svcreset},
		{"svstat", "service ...", "print status and uptime of services", Administration, svstat},

		{"svc", "[-udopchaitkxq12w] service ...", "send commands to the supervisors of services", Supervision, svc},
		{"svok", "service", "tell by the exit code whether a service is supervised", Supervision, svok},
		{"supervise", "directory", "keep one service running", Supervision, supervise},
		{"svscan", "[-p] [directory]", "keep all services of a directory running", Supervision, svscan},

		{"tai64n", "", "put a precise time stamp in front of each line", Logging, tai64n},
		{"tai64nlocal", "", "make precise time stamps readable", Logging, tai64nlocal},
	}
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
