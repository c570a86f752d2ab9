package supervisor

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
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
	name   instance // of a service, zero for a control script
	reason string   // of a control script
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
	all := map[int]marked{}
	dirs := map[int]identity{}
	settled = true
	procs, _ := filepath.Glob("/proc/[0-9]*")
	for _, proc := range procs {
		pid, _ := strconv.Atoi(proc[len("/proc/"):])
		dir, name, reason := markersOf(proc)
		switch {
		case name != instance{}:
			all[pid], dirs[pid] = marked{pid: pid, name: name}, name.dir
		case reason == protocol.ReasonBoot || reason == protocol.ReasonCrash:
			all[pid], dirs[pid] = marked{pid: pid, reason: reason}, identityOf(dir)
		case isBecoming(pid):
			settled = false
		}
	}
	found = markedProcesses{map[identity]marked{}, map[identity]marked{}}
	for pid, m := range all {
		process, ok := protocol.ReadProcess(pid)
		above, same := all[process.Parent]
		if !ok || !process.Alive() || same && above.name == m.name && dirs[process.Parent] == dirs[pid] {
			continue // below another one of the same
		}
		m.start = process.Start
		if m.reason != "" {
			found.scripts[dirs[pid]] = m
		} else if m.name.began > found.instances[dirs[pid]].name.began {
			found.instances[dirs[pid]] = m
		}
	}
	return found, settled
}

// isBecoming reports whether a process was forked by a supervisor and has not
// got its program, or not the environment of that: the kernel shows neither
// arguments nor environment before both are complete.
func isBecoming(pid int) bool {
	proc := "/proc/" + strconv.Itoa(pid)
	process, ok := protocol.ReadProcess(pid)
	if !ok || !process.Alive() {
		return false
	}
	if !process.Executed() && identityOf(proc+"/exe") == identityOf("/proc/self/exe") {
		return true
	}
	cmdline, _ := os.ReadFile(proc + "/cmdline")
	var st unix.Stat_t
	return len(cmdline) == 0 &&
		unix.Stat(proc+"/cwd/"+protocol.RunFile, &st) == nil && st.Mode&unix.S_IFMT == unix.S_IFREG
}

// markersOf returns what the environment of a process says of where it
// belongs.
func markersOf(proc string) (dir string, name instance, reason string) {
	environ, _ := os.ReadFile(proc + "/environ")
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
	return dir, name, reason
}

// identityOf returns the zero identity for what is not there.
func identityOf(name string) identity {
	var st unix.Stat_t
	if unix.Stat(name, &st) != nil {
		return identity{}
	}
	return identity{st.Dev, st.Ino}
}
