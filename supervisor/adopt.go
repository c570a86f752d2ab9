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

// gonePoll is how often an adopted process is looked at where the kernel has
// no pidfd.
const gonePoll = time.Second

// An adopted process is one that another supervisor has left when it died. It
// mostly is no child of ours.
type adopted struct {
	loop  *loop
	table *table // of fd
	gone  func(protocol.ExitStatus)
	pid   int
	start uint64
	fd    int // a pidfd, -1 where the kernel has none, and for a child
	key   int32
	over  bool // it has gone, or does not matter any longer
}

// adopt sees to it that gone is called when the process pid ends. It returns
// nil if it has. It must be called where the table is in use.
func (l *loop) adopt(t *table, pid int, gone func(protocol.ExitStatus)) *adopted {
	process, ok := protocol.ReadProcess(pid)
	if !ok {
		return nil
	}
	a := &adopted{loop: l, table: t, gone: gone, pid: pid, start: process.Start, fd: -1}
	if process.Parent == os.Getpid() { // see upgrade
		l.exited[pid] = func(status unix.WaitStatus) { a.end(protocol.ExitStatusOf(status)) }
		return a
	}
	fd, err := unix.PidfdOpen(pid, 0)
	if err == unix.ESRCH {
		return nil
	}
	if err == nil {
		a.fd = fd
		a.key, err = l.add(fd, a.readable)
	}
	if err != nil {
		l.after(gonePoll, a.poll)
	}
	return a
}

func (a *adopted) end(exit protocol.ExitStatus) {
	if !a.over {
		a.over = true
		a.gone(exit)
	}
}

// signal sends a signal to the process, and to no other that has its pid.
func (a *adopted) signal(signal unix.Signal) {
	switch {
	case a.over:
	case a.fd >= 0:
		unix.PidfdSendSignal(a.fd, signal, nil, 0)
	case a.alive():
		unix.Kill(a.pid, signal)
	}
}

func (a *adopted) alive() bool {
	process, ok := protocol.ReadProcess(a.pid)
	return ok && process.Start == a.start && process.Alive()
}

// poll looks whether the process has ended.
func (a *adopted) poll() {
	if !a.over && a.alive() {
		a.loop.after(gonePoll, a.poll)
		return
	}
	a.end(protocol.ExitStatus{Unknown: true})
}

// How often, and how soon, the kernel is asked again for the exit status of a
// process whose parent has not waited for it yet.
const (
	exitTries = 20
	exitRetry = 5 * time.Millisecond
)

// readable is called when the process has ended.
func (a *adopted) readable() {
	a.table.do(func() { a.loop.forget(a.fd, a.key) })
	a.learnExit(exitTries)
}

func (a *adopted) learnExit(tries int) {
	if a.over {
		return
	}
	var status unix.WaitStatus
	var err error
	a.table.do(func() { status, err = pidfdExit(a.fd) })
	switch {
	case err == nil:
		a.end(protocol.ExitStatusOf(status))
	case err == unix.EAGAIN && tries > 0:
		a.loop.after(exitRetry, func() { a.learnExit(tries - 1) })
	default:
		a.end(protocol.ExitStatus{Unknown: true})
	}
}

// close gives up watching. It must be called where the table is in use.
func (a *adopted) close() {
	a.over = true
	if a.key != 0 {
		a.loop.remove(a.key)
	}
	if a.fd >= 0 {
		unix.Close(a.fd)
	}
}

// takeOver returns the machine of a directory that was supervised before, by
// a supervisor that has died and not ended: want and pause are what they were,
// and an instance that still runs is the instance. It returns nil if there is
// nothing to take over.
func (s *service) takeOver() *Machine {
	text, err := s.dir.read(protocol.StatusFile)
	if err != nil {
		return nil
	}
	status, err := protocol.ParseStatus(text)
	if err != nil {
		return nil
	}
	if s.detail.Boot == "" {
		return s.takeOverForeign(status)
	}
	if s.detail.Boot != s.loop.boot || s.detail.Inode != s.dir.identity().ino || s.detail.Done {
		return nil
	}
	m := Resume(status, time.Now())
	pid := s.survivor()
	switch {
	case pid == 0:
		s.missed(m)
	case pid != m.pid:
		// The supervisor died before it could write the status.
		m.Started(pid, time.Now())
	}
	if pid != 0 && !s.adopt(pid) {
		s.missed(m)
	}
	return m
}

// takeOverForeign does so where no supervisor of ours has been, or where the
// detail is damaged: with a process that demonstrably is the service.
func (s *service) takeOverForeign(status protocol.Status) *Machine {
	pid := int(status.Pid)
	if !status.Up() || !s.isOurs(pid) || !s.adopt(pid) {
		return nil
	}
	s.loop.say("supervise: warning: " + s.dir.name + ": taking over pid " + strconv.Itoa(pid) + ", which another supervisor has left")
	return Resume(status, time.Now())
}

// isOurs reports whether a process works in this directory or carries its
// marker.
func (s *service) isOurs(pid int) bool {
	process, ok := protocol.ReadProcess(pid)
	if !ok || !process.Alive() {
		return false
	}
	proc := "/proc/" + strconv.Itoa(pid)
	if identityOf(proc+"/cwd") == s.dir.identity() {
		return true
	}
	marker, _ := markerOf(proc)
	return marker != "" && identityOf(marker) == s.dir.identity()
}

// missed tells the machine of an end that nobody has seen.
func (s *service) missed(m *Machine) {
	if m.pid == 0 {
		return
	}
	now := time.Now()
	exit := protocol.ExitStatus{Unknown: true}
	s.detail.LastExit, s.detail.Exited = exit, now
	s.machine = m
	if m.Exited(exit, s.restartDelay(), now) {
		s.reportCrash(exit)
	}
}

// survivor returns the instance that the last supervisor left running, 0 if
// there is none: the one in the detail, or one that was started too late to be
// written down there, and so has a name that is not known.
func (s *service) survivor() int {
	seen := s.detail.Namespace == s.loop.namespace
	if seen && s.detail.Pid != 0 {
		process, ok := protocol.ReadProcess(s.detail.Pid)
		if ok && process.Start == s.detail.Start && (process.Alive() || process.Parent == os.Getpid()) {
			return s.detail.Pid
		}
	}
	for _, marked := range s.loop.markedProcesses()[s.dir.identity()] {
		if !seen || marked.instance != s.detail.Instance {
			s.detail.Instance = marked.instance
			return marked.pid
		}
	}
	return 0
}

// adopt takes a process for the instance, and reports whether it has not gone.
func (s *service) adopt(pid int) bool {
	s.adopted = s.loop.adopt(s.table, pid, s.gone)
	return s.adopted != nil
}

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
