package applets

import (
	"errors"
	"unsafe"

	"syn3d/applets/inherited"
	"syn3d/protocol"

	"golang.org/x/sys/unix"
)

// A chain is a command line of tools that each do something to their process
// and then become the rest of the line, while it is being carried out:
//
//	softlimit -m 30000000 envdir ./env setuidgid user program
//
// Where the next tool is this very program, it is carried out in the same
// process, as if it had been executed: there is one exec, at the end. This
// saves time; and limits that a Go program cannot well live with can be set
// last.
type chain struct {
	environ []string // what the next program gets
	putOff  []limit  // to set at the exec
}

// A link is what one tool of a chain does. It returns the command line to
// become, or none if it has done all there is to do.
type link func(c *chain, args []string) (next []string, err error)

// linkOf returns the link of a tool, nil if name is not that of one.
func linkOf(name string) link {
	switch name {
	case "setuidgid":
		return setuidgid
	case "envuidgid":
		return envuidgid
	case "envdir":
		return envdir
	case "softlimit":
		return softlimit
	case "setlock":
		return setlock
	case "fghack":
		return fghack
	case "pgrphack":
		return pgrphack
	}
	return nil
}

// become carries out a chain that begins with the tool name. It returns only
// if it fails, or if the chain ends in this process.
func become(name string, args []string) error {
	inherited.Restore()
	c := &chain{environ: inherited.Environ()}
	for _, l := range inherited.Memory() {
		c.putOff = append(c.putOff, limit{Limit: l})
	}
	for {
		nameThread(name)
		path := protocol.Path(c.environ) // what envdir makes of it is for the tools after it
		next, err := linkOf(name)(c, args)
		if err != nil || next == nil {
			return saidBy(name, err)
		}
		files := protocol.Candidates(next[0], path)
		if !c.goesOn(next, files) {
			return saidBy(name, c.exec(next, files))
		}
		applet, rest := Called(next)
		name, args = applet.Name, rest
	}
}

// nameThread makes name the one that ps and killall know this process by, if
// this is its first thread.
func nameThread(name string) {
	comm, _ := unix.ByteSliceFromString(name)
	unix.Prctl(unix.PR_SET_NAME, uintptr(unsafe.Pointer(&comm[0])), 0, 0, 0)
}

// saidBy makes err, if it is one, an error of the tool name, whatever applet
// this process has been started as.
func saidBy(name string, err error) error {
	var e *exit
	if err == nil || errors.As(err, &e) {
		return err
	}
	return fatal(name, err)
}

// goesOn reports whether to execute next, found as one of files, would mean
// to start this program as a tool of the chain.
func (c *chain) goesOn(next, files []string) bool {
	applet, _ := Called(next)
	if applet == nil || linkOf(applet.Name) == nil || !c.surelyFits(next) {
		return false
	}
	file, err := protocol.Executable(files)
	return err == nil && isThisProgram(file)
}

// surelyFits reports whether the kernel takes argv and the environment under
// any limits. If it might not, only an exec can tell.
func (c *chain) surelyFits(argv []string) bool {
	const argMax = 128 << 10 // it always takes that much, of which each pointer is a part
	size := 0
	for _, strings := range [...][]string{argv, c.environ} {
		for _, s := range strings {
			size += len(s) + 1 + 8
		}
	}
	return size < argMax
}

func isThisProgram(file string) bool {
	var this, other unix.Stat_t
	if unix.Stat("/proc/self/exe", &this) != nil || unix.Stat(file, &other) != nil {
		return false
	}
	// An exec would give the rights of the file's owner.
	setID := other.Mode&(unix.S_ISUID|unix.S_ISGID) != 0
	return this.Dev == other.Dev && this.Ino == other.Ino && !setID
}

// setenv sets a variable in the environment of the next program, for an entry
// "NAME=VALUE", or removes it for an entry "NAME". The order in which the
// variables end up is the original's: the last one fills the gap.
func (c *chain) setenv(entry string) {
	name, isSet := variableName(entry)
	for i, variable := range c.environ {
		if other, ok := variableName(variable); ok && other == name {
			last := len(c.environ) - 1
			c.environ[i] = c.environ[last]
			c.environ = c.environ[:last]
			break
		}
	}
	if isSet {
		c.environ = append(c.environ, entry)
	}
}

// exec becomes argv, found as one of files. It returns only if it fails.
func (c *chain) exec(argv, files []string) error {
	x, err := c.prepare(argv, files)
	if err != nil {
		return unableToRun(argv, err)
	}
	inherited.LockExec()
	defer inherited.UnlockExec()
	return unableToRun(argv, x.run())
}

func unableToRun(argv []string, err error) error {
	return &protocol.Error{What: "unable to run " + argv[0], Err: err}
}
