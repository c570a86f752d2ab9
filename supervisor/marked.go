package supervisor

import (
	"bytes"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"syn3d/protocol"

	"golang.org/x/sys/unix"
)

// markedFor is how long a look at all processes serves.
const markedFor = time.Second

// A marked process carries the marker of a service in its environment.
type marked struct {
	pid      int
	instance string
}

// markedProcesses returns the processes that services have started, by the
// directory of the service: of each instance the topmost one. One look serves
// all directories that are taken over together.
func (l *loop) markedProcesses() map[identity][]marked {
	if time.Since(l.markedAt) < markedFor {
		return l.marked
	}
	for deadline := time.Now().Add(settleForks); ; time.Sleep(forkGlance) {
		var settled bool
		l.marked, settled = l.look()
		l.markedAt = time.Now()
		if settled || l.markedAt.After(deadline) {
			return l.marked
		}
	}
}

// A process that a dead supervisor has forked carries no marker before it has
// executed its program. This is for how long it is waited for, and how often
// looked at.
const (
	settleForks = time.Second
	forkGlance  = 2 * time.Millisecond
)

// look is settled if there is nothing that may yet become a marked process.
func (l *loop) look() (found map[identity][]marked, settled bool) {
	of := map[int]marked{}
	dirs := map[int]identity{}
	settled = true
	self := identityOf("/proc/self/exe")
	procs, _ := filepath.Glob("/proc/[0-9]*")
	for _, proc := range procs {
		pid, _ := strconv.Atoi(proc[len("/proc/"):])
		dir, instance := markerOf(proc)
		if instance != "" {
			of[pid], dirs[pid] = marked{pid, instance}, identityOf(dir)
		} else if identityOf(proc+"/exe") == self && l.isFork(pid) {
			settled = false
		}
	}
	found = map[identity][]marked{}
	for pid, m := range of {
		process, ok := protocol.ReadProcess(pid)
		if ok && process.Alive() && of[process.Parent].instance != m.instance {
			found[dirs[pid]] = append(found[dirs[pid]], m)
		}
	}
	return found, settled
}

// isFork reports whether a process of this program was forked by a supervisor
// of these directories, and has not executed anything yet.
func (l *loop) isFork(pid int) bool {
	process, ok := protocol.ReadProcess(pid)
	if !ok || !process.Alive() || process.Executed() {
		return false
	}
	cwd, _ := os.Readlink("/proc/" + strconv.Itoa(pid) + "/cwd")
	return strings.HasPrefix(cwd+"/", l.cwd+"/")
}

// markerOf returns the directory and the instance of the service to which a
// process belongs, empty if to none: a control script has no instance.
func markerOf(proc string) (dir, instance string) {
	environ, _ := os.ReadFile(proc + "/environ")
	for variable := range bytes.SplitSeq(environ, []byte{0}) {
		name, value, _ := bytes.Cut(variable, []byte("="))
		switch string(name) {
		case protocol.MarkerVariable:
			dir = string(value)
		case protocol.InstanceVariable:
			instance = string(value)
		}
	}
	return dir, instance
}

// identityOf returns the zero identity for what is not there.
func identityOf(name string) identity {
	var st unix.Stat_t
	if unix.Stat(name, &st) != nil {
		return identity{}
	}
	return identity{st.Dev, st.Ino}
}
