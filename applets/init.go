package applets

import (
	"cmp"
	"fmt"
	"math"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"time"

	"syn3d/applets/pid1"
	"syn3d/protocol"
	"syn3d/supervisor"
	"syn3d/supervisor/handover"

	"golang.org/x/sys/unix"
)

const (
	bootScript     = "/etc/syn3/boot"     // is run before the services
	shutdownScript = "/etc/syn3/shutdown" // and after them
	singleUser     = "syn3.single"        // on the kernel's command line: a shell first

	// How many seconds the boot script has; the services, and then the
	// shutdown script. What
	// the kernel does not know of its command line, NAME=VALUE, it puts into
	// the environment of init.
	bootTimeVariable     = "SYN3_BOOT_TIME"
	shutdownTimeVariable = "SYN3_SHUTDOWN_TIME"
	bootSeconds          = 300
	shutdownSeconds      = 60

	tellEvery   = 5 * time.Second // while services are waited for
	endTime     = 5 * time.Second // for other processes to end
	releaseTime = time.Minute     // for disks to take what is to be written
	forever     = time.Duration(math.MaxInt64)
)

// A first is the process with which a system begins and ends: pid 1.
//
// When it ends the kernel panics, so it does as little as can be: it is
// svscanboot, with a beginning and an end. All that has to do with single
// services happens in svscan, a child. A panic there, or an end of its memory,
// costs a second; then the next svscan takes over what runs. Were svscan itself
// process 1, it would have to be as careful as the kernel. And a svscanboot
// between the two would only be one process more that can die.
//
//	init ─┬─ svscan /service ── services
//	      └─ readproctitle
//
// Process 1 waits for nothing but its own channels, so that it always reaps
// and always heeds signals; what may block is left to others.
type first struct {
	console *pid1.Console
	died    <-chan os.Signal
	told    chan os.Signal

	scan, title *kept
	script      child
	action      *pid1.Action // how to end; nil until we are told
	awaited     bool         // the scan directory was missing, and we have said so
}

// initialize is the applet init.
func initialize([]string) error {
	if os.Getpid() != 1 {
		return Usage("init: fatal: not the first process")
	}
	died, told := catchAll()
	supervisor.PrepareRuntime()
	unix.Chdir("/")
	warnings := pid1.Prepare()
	nameProcess("init")
	p := &first{console: pid1.NewConsole(), died: died, told: told}
	for _, err := range warnings {
		p.console.Warn(err)
	}
	if err := p.plant(); err != nil {
		return err // who has no pipe for us has nothing for services
	}
	defer p.survive()
	if !p.resume() {
		p.boot()
	}
	p.keepServices()
	p.stopServices()
	p.runScript(seconds(shutdownTimeVariable, shutdownSeconds), shutdownScript, p.action.Name)
	p.endProcesses()
	p.release()
	return p.end()
}

// catchAll catches every signal: the runtime would end the process at some of
// those that nobody wants.
func catchAll() (died <-chan os.Signal, told chan os.Signal) {
	children, wishes, others := make(chan os.Signal, 1), make(chan os.Signal, 8), make(chan os.Signal, 1)
	for s := unix.Signal(1); s < 32; s++ {
		switch {
		case s == unix.SIGCHLD:
			signal.Notify(children, s)
		case s == unix.SIGHUP || s == unix.SIGQUIT || pid1.ActionOf(s) != nil:
			signal.Notify(wishes, s)
		case s != unix.SIGURG: // with which the runtime talks to itself
			signal.Notify(others, s)
		}
	}
	handover.Deliver()
	return children, wishes
}

// plant prepares what is to be kept.
func (p *first) plant() error {
	null, err := unix.Open(os.DevNull, unix.O_RDWR|unix.O_CLOEXEC, 0)
	if err != nil {
		p.console.Warn(&protocol.Error{What: "unable to open " + os.DevNull, Err: err})
		null = 0
	}
	p.scan, p.title, err = newTree(protocol.Root(), null)
	if err != nil {
		return &protocol.Error{What: "unable to create pipe", Err: err}
	}
	p.scan.ready = p.scanDirExists
	return nil
}

func (p *first) scanDirExists() bool {
	err := protocol.CheckDir(protocol.Root())
	if err != nil && !p.awaited {
		p.awaited = true
		p.console.Say("waiting for " + (&protocol.Error{What: protocol.Root(), Err: err}).Error())
	}
	return err == nil
}

// boot does what is to be done before the services.
func (p *first) boot() {
	if pid1.OwnsMachine() && pid1.Parameter(singleUser) {
		p.shell()
	}
	if p.action == nil {
		p.runScript(seconds(bootTimeVariable, bootSeconds), bootScript)
	}
}

// seconds returns the time that a variable gives.
func seconds(variable string, otherwise int) time.Duration {
	n, err := strconv.Atoi(os.Getenv(variable))
	if err != nil || n < 0 {
		n = otherwise
	}
	return time.Duration(n) * time.Second
}

// keepServices is svscanboot, until it is told how to end.
func (p *first) keepServices() {
	for p.action == nil {
		s := keepUntil(p.told, p.died, p.scan, p.title)
		if s == unix.SIGQUIT {
			p.console.Warn(&protocol.Error{What: "unable to execute init anew", Err: p.again()})
		}
		p.heed(s)
	}
}

// heed does what a signal tells: of ways to end, the newest counts.
func (p *first) heed(s os.Signal) {
	if action := pid1.ActionOf(s); action != nil {
		p.action = action
	}
	if s == unix.SIGHUP {
		p.scan.signal(unix.SIGHUP)
	}
}

// await reaps and heeds until a condition holds, and reports whether it came
// to hold in time.
func (p *first) await(limit time.Duration, holds func() bool) bool {
	timeout := time.After(limit)
	for !holds() {
		select {
		case <-p.died:
			p.reap()
		case s := <-p.told:
			p.heed(s)
		case <-timeout:
			return false
		}
	}
	return true
}

func (p *first) reap() (alone bool) {
	return reap(&p.scan.child, &p.title.child, &p.script)
}

// stopServices has svscan stop them all, and tells whom it waits for.
func (p *first) stopServices() {
	p.console.Say(p.action.Name + ": stopping the services")
	p.scan.signal(unix.SIGTERM)
	limit := seconds(shutdownTimeVariable, shutdownSeconds)
	for left := limit; left > 0; left -= tellEvery {
		if p.await(min(left, tellEvery), p.scan.gone) {
			return
		}
		if left > tellEvery {
			p.console.Say(fmt.Sprintf("waiting for %s (%.0f seconds left)", p.stillUp(), (left - tellEvery).Seconds()))
		}
	}
	p.console.Say(fmt.Sprintf("not stopped in %.0f seconds: %s", limit.Seconds(), p.stillUp()))
}

// stillUp returns the names of the services and logs that are up.
func (p *first) stillUp() string {
	var up []string
	names, _ := namesIn(protocol.Root())
	for _, name := range names {
		for _, name := range [...]string{name, name + "/" + protocol.LogDir} {
			status, err := protocol.ReadStatus(protocol.Root() + "/" + name)
			if err == nil && status.Up() {
				up = append(up, name)
			}
		}
	}
	return cmp.Or(strings.Join(up, ", "), "svscan")
}

// endProcesses ends all that is left.
func (p *first) endProcesses() {
	for _, s := range [...]unix.Signal{unix.SIGTERM, unix.SIGKILL} {
		unix.Kill(-1, s)
		unix.Kill(-1, unix.SIGCONT) // for those that are stopped
		if p.await(endTime, p.reap) {
			return
		}
	}
	p.console.Say("some processes do not end")
}

// release lets go of what the machine holds. In a container that belongs to
// others.
func (p *first) release() {
	if !pid1.OwnsMachine() {
		unix.Sync()
		return
	}
	released := make(chan bool, 1)
	go func() { // ends when the disks answer
		pid1.Release(p.console.Warn)
		released <- true
	}()
	select {
	case <-released:
	case <-time.After(releaseTime):
		p.console.Say("the disks do not answer")
	}
}

// end has the kernel end everything. It returns in a container, which ends
// with this process.
func (p *first) end() error {
	p.console.Say(p.action.Name)
	p.console.Flush()
	err := p.action.Do()
	if pid1.OwnsMachine() {
		unix.Write(2, []byte("init: "+p.action.Name+": "+protocol.ErrorText(err)+"\n"))
		select {} // to end would be a panic
	}
	return nil
}
