package integration

import (
	"encoding/binary"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// candid is the run script of a service that logs the signals that it gets in
// the file signals, and every start in starts. It ends on TERM, unless there
// is a file stubborn, and late enough to see the CONT that comes behind it.
const candid = `#!/bin/sh
for signal in HUP INT QUIT USR1 USR2 ALRM CONT WINCH; do trap "echo $signal >> signals" $signal; done
trap 'echo TERM >> signals; test -e stubborn || kill $!' TERM
sleep 100000 &
echo started >> starts
while kill -0 $! 2> /dev/null; do wait $!; done
sleep 0.2
`

// An appearance is what can be seen of a candid service.
type appearance struct {
	line    string // of svstat, without numbers
	flags   string // bytes 16 and 17 of status
	signals string // that it has got, sorted, and STOP if it is stopped
	starts  int
}

func (a appearance) String() string {
	return fmt.Sprintf("%s, %q, signals %q, %d starts", a.line, a.flags, a.signals, a.starts)
}

// look returns what can be seen of services through svstat of a suite.
func look(t *testing.T, s suite, dirs []string) map[string]appearance {
	t.Helper()
	out, err := s.command("svstat", dirs...).Output()
	if err != nil {
		t.Fatalf("svstat: %v", err)
	}
	seen := map[string]appearance{}
	for _, line := range strings.Split(strings.TrimSuffix(string(out), "\n"), "\n") {
		dir, state, _ := strings.Cut(line, ": ")
		status, _ := os.ReadFile(dir + "/supervise/status")
		starts, _ := os.ReadFile(dir + "/starts")
		a := appearance{line: withoutNumbers(state), signals: signalsSeen(dir), starts: strings.Count(string(starts), "\n")}
		if len(status) >= 18 {
			a.flags = string(status[16:18])
		}
		seen[dir] = a
	}
	return seen
}

var numbers = regexp.MustCompile(`( \(pid \d+\))? \d+ seconds`)

func withoutNumbers(line string) string { return numbers.ReplaceAllString(line, "") }

// signalsSeen returns the sorted names of the signals that a service has got.
func signalsSeen(dir string) string {
	log, _ := os.ReadFile(dir + "/signals")
	names := strings.Fields(string(log))
	if isStopped(dir) {
		names = append(names, "STOP")
	}
	slices.Sort(names)
	return strings.Join(slices.Compact(names), " ")
}

func isStopped(dir string) bool {
	status, _ := os.ReadFile(dir + "/supervise/status")
	if len(status) < 16 {
		return false
	}
	pid := binary.LittleEndian.Uint32(status[12:])
	stat, _ := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	_, state, _ := strings.Cut(string(stat), ") ")
	return strings.HasPrefix(state, "T")
}

// unread returns how many bytes wait in the control FIFO of a service.
func unread(dir string) int {
	fd, err := unix.Open(dir+"/supervise/control", unix.O_RDONLY|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
	if err != nil {
		return 0
	}
	defer unix.Close(fd)
	n, _ := unix.IoctlGetInt(fd, unix.TIOCINQ)
	return n
}
