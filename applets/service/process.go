package service

import (
	"os"
	"strconv"
	"strings"
	"time"

	"syn3d/protocol"

	"golang.org/x/sys/unix"
)

// A process is one of the system.
type process struct{ protocol.Process }

// ticksPerSecond is the unit of Start: USER_HZ, which is 100 wherever Go runs.
const ticksPerSecond = 100

// An identity tells a process from a later one with the same pid.
type identity struct {
	pid   int
	start uint64
}

func (p process) identity() identity { return identity{p.Pid, p.Start} }

// since returns when p was started.
func (p process) since() time.Time {
	var now unix.Timespec
	unix.ClockGettime(unix.CLOCK_BOOTTIME, &now)
	age := time.Duration(now.Nano()) - time.Duration(p.Start)*(time.Second/ticksPerSecond)
	return time.Now().Add(-age)
}

// readProcess returns the process of a pid, and whether there is one.
func readProcess(pid int) (process, bool) {
	p, ok := protocol.ReadProcess(pid)
	return process{p}, ok
}

// processes returns all of the system, by their pids.
func processes() map[int]process {
	all := map[int]process{}
	for _, pid := range pids() {
		if p, ok := readProcess(pid); ok {
			all[pid] = p
		}
	}
	return all
}

// pids returns all of the system.
func pids() (pids []int) {
	proc, err := os.Open("/proc")
	if err != nil {
		return nil
	}
	defer proc.Close()
	names, _ := proc.Readdirnames(-1)
	for _, name := range names {
		if pid, err := strconv.Atoi(name); err == nil {
			pids = append(pids, pid)
		}
	}
	return pids
}

// ancestors returns the pids of this process, its parent and so on.
func ancestors() (found []int) {
	for pid := os.Getpid(); pid > 0; {
		found = append(found, pid)
		p, _ := readProcess(pid)
		pid = p.Parent
	}
	return found
}

// command returns the command line of a process, the name in brackets if it
// has none, as ps does. It may hold anything.
func (p process) command() string {
	line, _ := os.ReadFile(procFile(p.Pid, "cmdline"))
	words := strings.TrimSpace(strings.ReplaceAll(string(line), "\x00", " "))
	if words == "" {
		return "[" + p.Name + "]"
	}
	return words
}

func procFile(pid int, name string) string {
	return "/proc/" + strconv.Itoa(pid) + "/" + name
}

// stateName returns the words for the states in which a process cannot end.
func stateName(state byte) string {
	switch state {
	case 'D':
		return "state D: it waits for a disk or the network and cannot be interrupted"
	case 'T':
		return "state T: stopped"
	case 't':
		return "state t: stopped by a debugger"
	case 'Z':
		return "state Z: ended, but its parent does not take notice"
	}
	return "state " + string(rune(state))
}

// awaitEnd waits until processes have ended, at most for limit, and returns
// those that have not.
func awaitEnd(processes []process, limit time.Duration) (left []process) {
	deadline := time.Now().Add(limit)
	for _, p := range processes {
		if !p.await(deadline) {
			left = append(left, p)
		}
	}
	return left
}

// await waits until p has ended, and reports whether it has.
func (p process) await(deadline time.Time) bool {
	fd, err := p.open()
	if err == unix.ESRCH {
		return true
	}
	defer unix.Close(fd)
	for p.exists() {
		left := time.Until(deadline)
		if left <= 0 {
			return false
		}
		if err != nil { // an old kernel: there is no descriptor to wait for
			time.Sleep(min(left, endInterval))
			continue
		}
		unix.Poll([]unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}, int(left.Milliseconds())+1)
	}
	return true
}

// endInterval is how often to look for the end of a process where the kernel
// cannot tell of it.
const endInterval = 10 * time.Millisecond

// open returns a descriptor that stands for p and for no later process. It
// fails with ESRCH if p has ended.
func (p process) open() (fd int, err error) {
	fd, err = unix.PidfdOpen(p.Pid, 0)
	if err == nil && !p.exists() {
		unix.Close(fd)
		return -1, unix.ESRCH
	}
	return fd, err
}

// exists reports whether p is still there and alive.
func (p process) exists() bool {
	now, ok := readProcess(p.Pid)
	return ok && now.Start == p.Start && now.Alive()
}

// signal sends signals to p, never to a process that was given its pid anew.
func (p process) signal(signals ...unix.Signal) {
	fd, err := p.open()
	if err == unix.ESRCH {
		return
	}
	defer unix.Close(fd)
	for _, s := range signals {
		if err == nil {
			unix.PidfdSendSignal(fd, s, nil, 0)
		} else if p.exists() { // an old kernel: the best that can be done
			unix.Kill(p.Pid, s)
		}
	}
}
