package applets

import (
	"os"
	"os/signal"
	"strings"

	"syn3d/protocol"

	"golang.org/x/sys/unix"
)

func svc(args []string) error {
	// A supervisor that goes away must not take us with it.
	signal.Ignore(unix.SIGPIPE)

	var commands []byte
	operands, err := getopt("svc", svcLetters(), svcUsage(), args, func(letter byte, _ string) {
		if !strings.Contains(string(commands), string(letter)) {
			commands = append(commands, letter)
		}
	})
	if err != nil {
		return err
	}
	for _, name := range operands {
		if err := protocol.Send(protocol.Locate(name), commands); err != nil {
			Warn(os.Stderr, "svc", err)
		}
	}
	return nil
}

func svcLetters() string {
	var letters []byte
	for _, c := range protocol.Commands {
		letters = append(letters, byte(c.Command))
	}
	return string(letters)
}

// svcUsage is the original's, to the letter: it does not name the letters
// that came later.
func svcUsage() string {
	var options []string
	for _, c := range protocol.Commands[:protocol.Classic] {
		options = append(options, string(c.Command)+" "+c.Name)
	}
	return "svc options: " + strings.Join(options, ", ")
}
