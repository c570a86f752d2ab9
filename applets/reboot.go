package applets

import (
	"slices"

	"syn3d/applets/pid1"
	"syn3d/protocol"

	"golang.org/x/sys/unix"
)

// ask returns the applet that has the first process end everything or, with
// -f, the kernel at once.
func ask(action pid1.Action) func(args []string) error {
	return func(args []string) error {
		switch {
		case len(args) == 0:
			return askInit(action)
		case slices.Equal(args, []string{"-f"}):
			unix.Sync()
			return &protocol.Error{What: "unable to " + action.Name, Err: action.Do()}
		}
		return Usage(usageOf(action.Name))
	}
}

// shutdown knows of the usual command what can be done at once.
func shutdown(args []string) error {
	action := pid1.PowerOff
	operands, err := getopt("shutdown", "hPr", usageOf("shutdown"), args, func(letter byte, _ string) {
		if letter == 'r' {
			action = pid1.Reboot
		}
	})
	if err != nil {
		return err
	}
	if !slices.Equal(operands, []string{"now"}) {
		return Usage(usageOf("shutdown"))
	}
	return askInit(action)
}

func askInit(action pid1.Action) error {
	if err := unix.Kill(1, action.Signal); err != nil {
		return &protocol.Error{What: "unable to signal process 1", Err: err}
	}
	return nil
}

// usageOf is what is said about a call that makes no sense.
func usageOf(name string) string {
	return name + ": usage: " + name + " " + Find(name).Args
}
