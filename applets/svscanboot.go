package applets

import (
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"syn3d/protocol"

	"golang.org/x/sys/unix"
)

const (
	bootPath  = "/command:/usr/local/bin:/usr/local/sbin:/bin:/sbin:/usr/bin:/usr/sbin:/usr/X11R6/bin"
	titleSize = 400 // of what svscan and its services say last, in the list of processes

	// bootPause is how long it takes until a process that has ended is
	// started again.
	bootPause = time.Second
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

	// Both ends stay open here: while a reader is missing, who writes waits.
	var pipe [2]int
	if err := unix.Pipe2(pipe[:], unix.O_CLOEXEC); err != nil {
		return &protocol.Error{What: "unable to create pipe", Err: err}
	}
	scan := &kept{stdin: 0, out: pipe[1], argv: []string{"svscan", protocol.Root()}}
	title := &kept{stdin: pipe[0], out: 1, argv: []string{"readproctitle", "service", "errors:", strings.Repeat(".", titleSize)}}
	keepUntil(told, died, scan, title)
	scan.stop(died)
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

// A kept is a child that is started again when it ends.
type kept struct {
	argv       []string
	stdin, out int // out is standard output and error
	pid        int // 0 if it does not run
	due        time.Time
}

// keepUntil keeps children running until it is told to stop. A child that has
// died is one of those that died tells of.
func keepUntil(told, died <-chan os.Signal, children ...*kept) {
	for {
		select {
		case <-told:
			return
		case <-died:
			reap(children...)
		case <-startDue(children):
		}
	}
}

// startDue starts those of the children that are to be started by now, and
// returns a channel that tells when to look again. It is nil if all run.
func startDue(children []*kept) (due <-chan time.Time) {
	for _, child := range children {
		if child.pid == 0 && !time.Now().Before(child.due) {
			child.start()
		}
		if child.pid == 0 {
			due = time.After(bootPause)
		}
	}
	return due
}

// start starts the child of this very program: of another's svscan nobody
// knows what it does when it is told to stop.
func (k *kept) start() {
	k.due = time.Now().Add(bootPause)
	pid, err := syscall.ForkExec(ownProgram(), k.argv, &syscall.ProcAttr{
		Env:   []string{"PATH=" + bootPath},
		Files: []uintptr{uintptr(k.stdin), uintptr(k.out), uintptr(k.out)},
	})
	if err == nil {
		k.pid = pid
	}
}

// ownProgram returns the file of this program; after an upgrade, that is the
// new one.
func ownProgram() string {
	file, err := os.Executable()
	if err != nil || unix.Access(file, unix.X_OK) != nil {
		return "/proc/self/exe"
	}
	return file
}

// stop tells the child to stop, and waits until it has.
func (k *kept) stop(died <-chan os.Signal) {
	if k.pid != 0 {
		unix.Kill(k.pid, unix.SIGTERM)
	}
	for k.pid != 0 {
		<-died
		reap(k)
	}
}

// reap waits for children that have ended, and for strangers.
func reap(children ...*kept) {
	for {
		pid, err := unix.Wait4(-1, nil, unix.WNOHANG, nil)
		if err == unix.EINTR {
			continue
		}
		if err != nil || pid <= 0 {
			return
		}
		for _, child := range children {
			if child.pid == pid {
				child.pid = 0
			}
		}
	}
}
