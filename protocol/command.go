package protocol

import "golang.org/x/sys/unix"

// A Command is a byte of the control FIFO.
type Command byte

const (
	Up        Command = 'u'
	Down      Command = 'd'
	Once      Command = 'o'
	Exit      Command = 'x'
	Pause     Command = 'p'
	Continue  Command = 'c'
	Terminate Command = 't'
	Kill      Command = 'k'
)

// CommandInfo describes a Command.
type CommandInfo struct {
	Command Command
	Name    string      // as svc's usage message names it
	Signal  unix.Signal // what an up service is sent for it, 0 if nothing
}

// Commands lists every command in the order of svc's usage message: first
// the eleven of daemontools, then those that daemontools-encore added.
// Any other byte in a control FIFO is ignored.
var Commands = [...]CommandInfo{
	{Up, "up", 0},
	{Down, "down", unix.SIGTERM},
	{Once, "once", 0},
	{Exit, "exit", 0},
	{Pause, "pause", unix.SIGSTOP},
	{Continue, "continue", unix.SIGCONT},
	{'h', "hup", unix.SIGHUP},
	{'a', "alarm", unix.SIGALRM},
	{'i', "interrupt", unix.SIGINT},
	{Terminate, "term", unix.SIGTERM},
	{Kill, "kill", unix.SIGKILL},
	{'q', "quit", unix.SIGQUIT},
	{'1', "usr1", unix.SIGUSR1},
	{'2', "usr2", unix.SIGUSR2},
	{'w', "winch", unix.SIGWINCH},
}

// Classic is how many of Commands daemontools itself knows.
const Classic = 11

// Signal returns what an up service is sent for c, 0 if nothing.
func (c Command) Signal() unix.Signal {
	for i := range Commands {
		if Commands[i].Command == c {
			return Commands[i].Signal
		}
	}
	return 0
}
