package applets

import (
	"syn3d/protocol"

	"golang.org/x/sys/unix"
)

const setlockUsage = "setlock: usage: setlock [ -nNxX ] file program [ arg ... ]"

func setlock(_ *chain, args []string) (next []string, err error) {
	how, complain := unix.LOCK_EX, true
	operands, err := getopt("setlock", "nNxX", setlockUsage, args, func(letter byte, _ string) {
		switch letter {
		case 'n':
			how = unix.LOCK_EX | unix.LOCK_NB
		case 'N':
			how = unix.LOCK_EX
		case 'x':
			complain = false
		case 'X':
			complain = true
		}
	})
	if err != nil {
		return nil, err
	}
	if len(operands) < 2 {
		return nil, Usage(setlockUsage)
	}
	err = lock(operands[0], how)
	switch {
	case err == nil:
		return operands[1:], nil
	case complain:
		return nil, err
	}
	return nil, nil
}

// lock locks a file for this process and those that inherit the descriptor.
func lock(file string, how int) error {
	fd, err := unix.Open(file, unix.O_WRONLY|unix.O_NONBLOCK|unix.O_APPEND|unix.O_CREAT, 0o600)
	if err != nil {
		return &protocol.Error{What: "unable to open " + file, Err: err}
	}
	if err := unix.Flock(fd, how); err != nil {
		return &protocol.Error{What: "unable to lock " + file, Err: err}
	}
	return nil
}
