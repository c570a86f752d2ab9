package applets

import (
	"os"
	"os/signal"

	"syn3d/protocol"

	"golang.org/x/sys/unix"
)

// svscanboot keeps svscan running, and a readproctitle that shows what is
// said on standard error below it: svscan | readproctitle. TERM stops svscan,
// and that ends svscanboot. Both of its children have a clean environment.
func svscanboot([]string) error {
	nameProcess("svscanboot")
	died := make(chan os.Signal, 1)
	signal.Notify(died, unix.SIGCHLD)
	told := notifyStop()
	if err := useDevNull(); err != nil {
		return &protocol.Error{What: "unable to open " + os.DevNull, Err: err}
	}
	endLeftovers(protocol.Root())
	scan, title, err := newTree(protocol.Root(), 0)
	if err != nil {
		return &protocol.Error{What: "unable to create pipe", Err: err}
	}
	// Should svscanboot be killed, its successor is not to find an svscan that
	// nobody keeps. What that leaves running will be taken over.
	scan.follows = true
	keepUntil(told, died, scan, title)
	for scan.signal(unix.SIGTERM); !scan.gone(); reap(&scan.child) {
		<-died
	}
	return nil
}

// notifyStop returns a channel for the signals that tell to stop. A shell that
// starts a program in the background has it ignore INT and QUIT: then they stay
// ignored, also in svscan and its services.
func notifyStop() <-chan os.Signal {
	told := make(chan os.Signal, 1)
	signal.Notify(told, unix.SIGTERM)
	if signal.Ignored(unix.SIGINT) {
		signal.Ignore(unix.SIGQUIT) // of which the runtime cannot tell
	} else {
		signal.Notify(told, unix.SIGINT, unix.SIGQUIT)
	}
	return told
}

// useDevNull makes /dev/null the three standard descriptors.
func useDevNull() error {
	null, err := unix.Open(os.DevNull, unix.O_RDWR|unix.O_CLOEXEC, 0)
	if err != nil {
		return err
	}
	for fd := range 3 {
		if err := unix.Dup3(null, fd, 0); err != nil {
			return err
		}
	}
	return unix.Close(null)
}

// endLeftovers tells supervisors that an svscan has left behind to end, and
// take their services down.
func endLeftovers(scanDir string) {
	names, _ := namesIn(scanDir)
	for _, below := range [...]string{"", "/" + protocol.LogDir} {
		for _, name := range names {
			if name[0] != '.' {
				protocol.Send(scanDir+"/"+name+below, []byte{byte(protocol.Down), byte(protocol.Exit)})
			}
		}
	}
}
