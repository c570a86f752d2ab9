package pid1

import (
	"os"

	"golang.org/x/sys/unix"
)

// An Action is a way to end.
type Action struct {
	Name    string      // of the applet that asks for it
	Signal  unix.Signal // by which the first process is asked
	command uint32      // of reboot(2)
}

// The ways to end.
var (
	Reboot   = Action{"reboot", unix.SIGTERM, unix.LINUX_REBOOT_CMD_RESTART}
	Halt     = Action{"halt", unix.SIGUSR1, unix.LINUX_REBOOT_CMD_HALT}
	PowerOff = Action{"poweroff", unix.SIGUSR2, unix.LINUX_REBOOT_CMD_POWER_OFF}
)

// ActionOf returns the action that a signal asks for, nil if it does not ask
// for any.
func ActionOf(s os.Signal) *Action {
	switch s {
	case unix.SIGTERM, unix.SIGINT: // which Ctrl-Alt-Del sends
		return &Reboot
	case unix.SIGUSR1:
		return &Halt
	case unix.SIGUSR2, unix.SIGPWR: // which a failing supply of power sends
		return &PowerOff
	}
	return nil
}

// ActionNamed returns the action of that name, nil if there is none.
func ActionNamed(name string) *Action {
	for _, action := range [...]*Action{&Reboot, &Halt, &PowerOff} {
		if action.Name == name {
			return action
		}
	}
	return nil
}

// Do has the kernel do it, at once. It returns only if that has been refused:
// a container may not.
func (a Action) Do() error {
	if err := unix.Reboot(int(a.command)); err != nil {
		return err
	}
	select {} // the thread that has called does not return from a halt
}

// catchCtrlAltDel has the keys send INT to the first process, which would
// reset the machine otherwise. Where the kernel refuses, they are not ours.
func catchCtrlAltDel() { unix.Reboot(unix.LINUX_REBOOT_CMD_CAD_OFF) }
