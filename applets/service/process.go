package service

import (
	"bytes"
	"os"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// A process is what /proc/PID/stat tells.
type process struct {
	pid, parent    int
	group, session int
	name           string // of the program; at most 15 bytes
	state          byte   // R, S, D, T, Z ...
	start          uint64 // ticks from the boot to its start
	cpu            uint64 // ticks that it has run, itself
}

// ticksPerSecond is the unit of start: USER_HZ, which is 100 wherever Go runs.
const ticksPerSecond = 100

// An identity tells a process from a later one with the same pid.
type identity struct {
	pid   int
	start uint64
}

func (p process) identity() identity { return identity{p.pid, p.start} }

// alive reports whether p was more than an entry that waits for its parent.
func (p process) alive() bool { return p.state != 'Z' && p.state != 'X' }

// since returns when p was started.
func (p process) since() time.Time {
	var now unix.Timespec
	unix.ClockGettime(unix.CLOCK_BOOTTIME, &now)
	age := time.Duration(now.Nano()) - time.Duration(p.start)*(time.Second/ticksPerSecond)
	return time.Now().Add(-age)
}

// readProcess returns the process of a pid, and whether there is one. All
// processes of a system may be read in a row, again and again: so nothing is
// allocated but the name.
func readProcess(pid int) (process, bool) {
	var buffer [1024]byte // twice what there can be
	return parseStat(readProc(pid, "stat", buffer[:]))
}

// readProc reads a small file of a process, as much as there is room for.
func readProc(pid int, name string, room []byte) []byte {
	fd, err := unix.Open(procFile(pid, name), unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil
	}
	defer unix.Close(fd)
	n, _ := unix.Read(fd, room)
	return room[:max(n, 0)]
}

// parseStat reads "1234 (name) S 1 ...". The name may hold anything, so it
// ends at the last parenthesis.
func parseStat(stat []byte) (p process, ok bool) {
	open, end := bytes.IndexByte(stat, '('), bytes.LastIndexByte(stat, ')')
	if open < 0 || end < open {
		return p, false
	}
	p.pid, _ = strconv.Atoi(string(bytes.TrimSpace(stat[:open])))
	p.name = string(stat[open+1 : end])
	const state, parent, group, session, user, system, start = 3, 4, 5, 6, 14, 15, 22
	number := state // of the field
	for field := range bytes.FieldsSeq(stat[end+1:]) {
		value, _ := strconv.ParseUint(string(field), 10, 64)
		switch number {
		case state:
			p.state = field[0]
		case parent:
			p.parent = int(value)
		case group:
			p.group = int(value)
		case session:
			p.session = int(value)
		case user, system:
			p.cpu += value
		case start:
			p.start = value
			return p, p.pid > 0
		}
		number++
	}
	return process{}, false
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
		pid = p.parent
	}
	return found
}

// command returns the command line of a process, the name in brackets if it
// has none, as ps does. It may hold anything.
func (p process) command() string {
	line, _ := os.ReadFile(procFile(p.pid, "cmdline"))
	words := strings.TrimSpace(strings.ReplaceAll(string(line), "\x00", " "))
	if words == "" {
		return "[" + p.name + "]"
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
	fd, err = unix.PidfdOpen(p.pid, 0)
	if err == nil && !p.exists() {
		unix.Close(fd)
		return -1, unix.ESRCH
	}
	return fd, err
}

// exists reports whether p is still there and alive.
func (p process) exists() bool {
	now, ok := readProcess(p.pid)
	return ok && now.start == p.start && now.alive()
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
			unix.Kill(p.pid, s)
		}
	}
}
