package applets

import (
	"fmt"
	"os"
	"syscall"
	"time"

	"syn3d/protocol"

	"golang.org/x/sys/unix"
)

// killTime is how long a script that was told to end may take.
const killTime = 2 * time.Second

// runScript runs a script if it is executable, on the console. It is ended at
// its limit, and when we are told how to end while it runs.
func (p *first) runScript(limit time.Duration, argv ...string) {
	if unix.Access(argv[0], unix.X_OK) != nil {
		return
	}
	p.console.Say("running " + argv[0])
	if err := p.startScript(argv[0], argv, &syscall.SysProcAttr{Setsid: true}); err != nil {
		p.console.Warn(err)
		return
	}
	booting := p.action == nil
	if !p.await(limit, func() bool { return p.script.gone() || booting && p.action != nil }) {
		p.console.Say(fmt.Sprintf("warning: %s: not done in %.0f seconds", argv[0], limit.Seconds()))
	}
	p.endScript()
	if p.script.status != 0 {
		p.console.Say("warning: " + argv[0] + ": " + protocol.ExitStatusOf(p.script.status).String())
	}
}

func (p *first) startScript(file string, argv []string, sys *syscall.SysProcAttr) error {
	pid, err := syscall.ForkExec(file, argv, &syscall.ProcAttr{
		Env:   scriptEnvironment(),
		Files: []uintptr{0, 1, 2},
		Sys:   sys,
	})
	if err != nil {
		return &protocol.Error{What: "unable to run " + file, Err: err}
	}
	p.script = child{pid: pid}
	return nil
}

// scriptEnvironment is what the kernel, or who has started the container, has
// given us, and a PATH.
func scriptEnvironment() []string {
	environ := os.Environ()
	if os.Getenv("PATH") == "" {
		environ = append(environ, "PATH="+bootPath)
	}
	return environ
}

// endScript ends a script, and whatever of it is still in its session's first
// process group, unless it has ended by itself.
func (p *first) endScript() {
	for _, s := range [...]unix.Signal{unix.SIGTERM, unix.SIGKILL} {
		if p.script.gone() {
			return
		}
		unix.Kill(-p.script.pid, s)
		p.await(killTime, p.script.gone)
	}
}

// shell runs a shell on the console until it ends, or we are told how to.
func (p *first) shell() {
	p.console.Say(singleUser + ": exit this shell to go on")
	login := []string{"-sh"}
	err := p.startScript("/bin/sh", login, &syscall.SysProcAttr{Setsid: true, Setctty: true})
	if err != nil {
		// Not every console can be the terminal of a session.
		err = p.startScript("/bin/sh", login, &syscall.SysProcAttr{Setsid: true})
	}
	if err != nil {
		p.console.Warn(err)
		return
	}
	p.await(forever, func() bool { return p.script.gone() || p.action != nil })
	p.endScript()
}
