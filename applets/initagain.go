package applets

import (
	"fmt"
	"os"
	"runtime/debug"
	"strings"
	"time"

	"syn3d/applets/pid1"
	"syn3d/supervisor/handover"

	"golang.org/x/sys/unix"
)

// againVariable tells an init that is executed anew, be it a later build, what
// the one before keeps.
const againVariable = "SYN3_INIT"

// again executes init anew: after an upgrade, because a file that is executed
// and has been replaced keeps its file system from being unmounted; and after
// a panic. Children, pipe and pid stay what they are.
func (p *first) again() error {
	action := "none"
	if p.action != nil {
		action = p.action.Name
	}
	state := fmt.Sprintf("%s=%d %d %d %d %s", againVariable, p.scan.pid, p.title.pid, p.scan.out, p.title.stdin, action)
	p.handOn(0)
	err := handover.Exec(ownProgram(), []string{"init"}, append(os.Environ(), state), p.told)
	p.handOn(unix.FD_CLOEXEC)
	return err
}

// handOn sets the flags of the pipe's descriptors.
func (p *first) handOn(flags int) {
	for _, fd := range [...]int{p.scan.out, p.title.stdin} {
		unix.FcntlInt(uintptr(fd), unix.F_SETFD, flags)
	}
}

// resume takes over from an init that has executed this one, and reports
// whether there is one.
func (p *first) resume() bool {
	state, found := os.LookupEnv(againVariable)
	if !found {
		return false
	}
	os.Unsetenv(againVariable)
	var out, stdin int
	var action string
	fmt.Sscan(state, &p.scan.pid, &p.title.pid, &out, &stdin, &action)
	takeOver(out, p.scan.out)
	takeOver(stdin, p.title.stdin)
	p.action = pid1.ActionNamed(action)
	p.reap() // of what has ended meanwhile nobody tells
	return true
}

// takeOver gives a descriptor that was handed on the place of one of ours. If
// it is none, ours has to do.
func takeOver(handedOn, ours int) {
	if handedOn > 2 && unix.Dup3(handedOn, ours, unix.O_CLOEXEC) == nil {
		unix.Close(handedOn)
	}
}

// survive is deferred: after a panic it executes init anew, not more often than
// every second. An init that returned would be the panic of the kernel.
func (p *first) survive() {
	failure := recover()
	if failure == nil {
		return
	}
	p.console.Say(fmt.Sprintf("panic: %v: executing init anew\n%s", failure, strings.TrimSpace(string(debug.Stack()))))
	for {
		time.Sleep(time.Second)
		p.console.Warn(p.again())
	}
}
