package supervisor

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"syn3d/protocol"

	"golang.org/x/sys/unix"
)

// An instance is the name of a process that was started as a service, which it
// has in its environment: the directory, whatever that is called, and when that
// was. Later ones are greater, as long as the clock is not set back.
type instance struct {
	dir   identity
	began int64 // nanoseconds since 1970
}

func (i instance) String() string { return fmt.Sprintf("%d-%d-%d", i.dir.dev, i.dir.ino, i.began) }

// parseInstance returns the zero instance for what is no name of one.
func parseInstance(text string) (i instance) {
	if n, _ := fmt.Sscanf(text, "%d-%d-%d", &i.dir.dev, &i.dir.ino, &i.began); n != 3 {
		return instance{}
	}
	return i
}

// A marked process carries the marker of a service in its environment.
type marked struct {
	pid    int
	start  uint64
	dir    identity // of the service
	name   instance // of a service, zero for a control script
	reason string   // of a control script

	becoming bool // it carries none yet, but may
}

// What is marked, by the directory: of a service the latest instance, and the
// control script of a supervisor.
type markedProcesses struct {
	instances map[identity]marked
	scripts   map[identity]marked
}

// markedFor is how long a look at all processes serves: all directories that
// are taken over together.
const markedFor = time.Second

// A process that a dead supervisor has forked carries no marker before it has
// executed its program. This is for how long it is waited for, and how often
// looked at.
const (
	settleForks = time.Second
	forkGlance  = 2 * time.Millisecond
)

// markedProcesses returns the processes that services have started.
func (l *loop) markedProcesses() markedProcesses {
	if time.Since(l.markedAt) < markedFor {
		return l.marked
	}
	untilSettled(func() (settled bool) {
		l.marked, settled = l.look()
		l.markedAt = time.Now()
		return settled
	})
	return l.marked
}

// untilSettled looks again and again, until it is told that everything has
// settled, or has had its time to.
func untilSettled(look func() (settled bool)) {
	for deadline := time.Now().Add(settleForks); !look() && time.Now().Before(deadline); {
		time.Sleep(forkGlance)
	}
}

// look is settled if there is nothing that may yet become a marked process.
func (l *loop) look() (found markedProcesses, settled bool) {
	all, silent := survey(l.allPids(), l.instanceOf)
	l.noteSilent(silent)
	settled = true
	found = markedProcesses{map[identity]marked{}, map[identity]marked{}}
	for pid, m := range all {
		if m.dir == (identity{}) {
			settled = settled && !m.becoming
			continue
		}
		process, ok := protocol.ReadProcess(pid)
		above := all[process.Parent]
		if !ok || !process.Alive() || above.name == m.name && above.dir == m.dir {
			continue // below another one of the same
		}
		m.start = process.Start
		if m.reason != "" {
			found.scripts[m.dir] = m
		} else if m.name.began > found.instances[m.dir].name.began {
			found.instances[m.dir] = m
		}
	}
	return found, settled
}

// instanceOf returns what a process is marked as, or whether it may yet be.
func (l *loop) instanceOf(pid int) marked {
	m := markersOf(pid)
	m.becoming = m.dir == (identity{}) && l.isBecoming(pid)
	return m
}

// isBecoming reports whether a process was forked by a supervisor of these
// directories and has not got its program, or not the environment of that: the
// kernel shows neither arguments nor environment before both are complete.
func (l *loop) isBecoming(pid int) bool {
	process, ok := protocol.ReadProcess(pid)
	if !ok || !process.Alive() {
		return false
	}
	proc := "/proc/" + strconv.Itoa(pid)
	if !process.Executed() && executableOf(pid) == executableOf(os.Getpid()) {
		cwd, _ := os.Readlink(proc + "/cwd")
		return strings.HasPrefix(cwd+"/", l.cwd+"/") || worksInService(proc)
	}
	cmdline, _ := os.ReadFile(proc + "/cmdline")
	return len(cmdline) == 0 && worksInService(proc)
}

func worksInService(proc string) bool {
	var st unix.Stat_t
	return unix.Stat(proc+"/cwd/"+protocol.RunFile, &st) == nil && st.Mode&unix.S_IFMT == unix.S_IFREG
}

// executableOf returns the path of the program of a process, also if that has
// been replaced: unlike a look at the file itself, it waits for no disk.
func executableOf(pid int) string {
	file, _ := os.Readlink("/proc/" + strconv.Itoa(pid) + "/exe")
	return strings.TrimSuffix(file, " (deleted)")
}

// markersOf returns what the environment of a process says of where it belongs,
// zero if nothing.
func markersOf(pid int) marked {
	environ, _ := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/environ")
	var dir, reason string
	var name instance
	for variable := range bytes.SplitSeq(environ, []byte{0}) {
		key, value, _ := bytes.Cut(variable, []byte("="))
		switch string(key) {
		case protocol.MarkerVariable:
			dir = string(value)
		case protocol.InstanceVariable:
			name = parseInstance(string(value))
		case protocol.ReasonVariable:
			reason = string(value)
		}
	}
	switch {
	case name != instance{}:
		return marked{pid: pid, dir: name.dir, name: name}
	case reason == protocol.ReasonBoot || reason == protocol.ReasonCrash:
		return marked{pid: pid, dir: identityOf(dir), reason: reason}
	}
	return marked{}
}

// identityOf returns the zero identity for what is not there.
func identityOf(name string) identity {
	var st unix.Stat_t
	if unix.Stat(name, &st) != nil {
		return identity{}
	}
	return identity{st.Dev, st.Ino}
}
