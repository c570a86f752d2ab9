package supervisor

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"syscall"

	"syn3d/protocol"
	"syn3d/supervisor/handover"

	"golang.org/x/sys/unix"
)

// An upgrade replaces the program of svscan while its services run: the process
// executes the new one, which takes everything over as from a supervisor that
// has died. Its children remain its children. But descriptors do not remain,
// for most of them belong to threads, which do not survive that. So that no
// FIFO is without a reader meanwhile, and no pipe lost, keepers hold them:
// children that have a copy of a descriptor table, and end when the new program
// closes the pipe from which they read.

// upgradeVariable tells the new program the descriptor to close for that, and
// the pids of the keepers: "7,1234,1235".
const upgradeVariable = "SYN3D_UPGRADE"

// Keeper is the first argument of keepers: as long as one lives, svscan has not
// taken over everything.
const Keeper = "svscan upgrade"

// upgrade executes the program anew. It returns only if that fails.
func (sc *scanner) upgrade() {
	for _, e := range sc.entries {
		if e.retiring || !e.found {
			sc.cannotUpgrade(errors.New(e.name + " is still supervised, but no longer there"))
			return
		}
	}
	var pipe [2]int
	if err := unix.Pipe2(pipe[:], unix.O_CLOEXEC); err != nil {
		sc.cannotUpgrade(err)
		return
	}
	keepers, err := sc.startKeepers("/proc/" + strconv.Itoa(os.Getpid()) + "/fd/" + strconv.Itoa(pipe[0]))
	unix.Close(pipe[0])
	if err == nil {
		err = sc.executeAnew(pipe[1], keepers)
	}
	unix.Close(pipe[1]) // which ends the keepers
	sc.cannotUpgrade(err)
}

func (sc *scanner) cannotUpgrade(err error) {
	sc.loop.say("svscan: warning: unable to upgrade: " + err.Error())
}

// executeAnew executes the file of this program, which may be another one now.
// It returns only if that fails.
func (sc *scanner) executeAnew(pipe int, keepers []int) error {
	program, err := os.Executable()
	if err != nil {
		return err
	}
	setCloseOnExec(pipe, false)
	environ := append(os.Environ(), upgradeVariable+"="+strconv.Itoa(pipe)+joinPids(keepers))
	err = handover.Exec(program, os.Args, environ, sc.loop.ends, sc.loop.scans, sc.loop.upgrades)
	return &protocol.Error{What: "unable to execute " + program, Err: err}
}

func joinPids(pids []int) (text string) {
	for _, pid := range pids {
		text += "," + strconv.Itoa(pid)
	}
	return text
}

// startKeepers starts one for every table. They end when the pipe does.
func (sc *scanner) startKeepers(pipe string) (pids []int, err error) {
	for _, t := range sc.loop.tables.all {
		t.do(func() {
			var pid int
			if pid, err = sc.startKeeper(t, pipe); err == nil {
				pids = append(pids, pid)
			}
		})
		if err != nil {
			return pids, err
		}
	}
	return pids, nil
}

// startKeeper starts one with what svscan holds in the table t. A filter that
// reads its input to the end, and says nothing, does all that is asked of it.
func (sc *scanner) startKeeper(t *table, pipe string) (pid int, err error) {
	stdin, err := unix.Open(pipe, unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		return 0, err
	}
	defer unix.Close(stdin)
	null, err := unix.Open(os.DevNull, unix.O_WRONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		return 0, err
	}
	defer unix.Close(null)
	kept := sc.descriptors(t)
	for _, fd := range kept {
		setCloseOnExec(fd, false)
		defer setCloseOnExec(fd, true)
	}
	return syscall.ForkExec("/proc/self/exe", []string{Keeper, "tai64n"}, &syscall.ProcAttr{
		Env:   sc.loop.environ,
		Files: []uintptr{uintptr(stdin), uintptr(null), uintptr(null)},
	})
}

// descriptors returns the FIFOs and pipes in the table t: not the locks, which
// the new program is to take.
func (sc *scanner) descriptors(t *table) (fds []int) {
	for _, e := range sc.entries {
		if e.table != t {
			continue
		}
		fds = append(fds, e.pipe[:]...)
		for _, v := range []*supervision{e.main, e.log} {
			if v == nil {
				continue
			}
			if s, hosted := v.running.(*service); hosted {
				fds = append(fds, s.control, s.ok)
			}
		}
	}
	return slices.DeleteFunc(fds, func(fd int) bool { return fd < 0 })
}

func setCloseOnExec(fd int, on bool) {
	flag := 0
	if on {
		flag = unix.FD_CLOEXEC
	}
	unix.FcntlInt(uintptr(fd), unix.F_SETFD, flag)
}

// upgraded is what a program finds that was executed for an upgrade. Its zero
// value is for all others.
type upgraded struct {
	pipe    int // to close when everything has been taken over
	keepers []int
}

// afterUpgrade must be called before anybody looks at descriptors.
func afterUpgrade() (u upgraded) {
	text := os.Getenv(upgradeVariable)
	if text == "" {
		return u
	}
	os.Unsetenv(upgradeVariable)
	first, rest, _ := strings.Cut(text, ",")
	fmt.Sscan(first, &u.pipe)
	for word := range strings.SplitSeq(rest, ",") {
		if pid, err := strconv.Atoi(word); err == nil {
			u.keepers = append(u.keepers, pid)
		}
	}
	setCloseOnExec(u.pipe, true)
	return u
}

func (u upgraded) happened() bool { return u.pipe > 0 }

// done ends the keepers.
func (u upgraded) done() {
	if u.happened() {
		unix.Close(u.pipe)
	}
}
