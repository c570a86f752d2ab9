package main

import (
	"encoding/binary"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// patience is for what should take a moment.
const patience = time.Minute

// A tree is a suite at work: the process that scans, supervisors, services.
type tree struct {
	suite
	dir      string        // the scan directory, which holds 0, 1, 2 ...
	root     int           // the process that scans it
	began    time.Duration // when that was started, by the monotonic clock
	births   *os.File      // where services tell of their start
	said     string        // the file that holds what is said on standard error
	services []service     // those that run, the longest up first

	upTime, upCPU time.Duration // from its beginning until all services ran
}

// start starts a suite on the scan directory dir of n services.
func start(s suite, dir string, n int) (*tree, error) {
	said, err := os.Create(dir + ".said")
	if err != nil {
		return nil, err
	}
	defer said.Close()
	var pipe [2]int
	if err := unix.Pipe2(pipe[:], unix.O_CLOEXEC); err != nil {
		return nil, err
	}
	unix.SetNonblock(pipe[0], true) // for deadlines; services get the other end
	births, out := os.NewFile(uintptr(pipe[0]), "births"), os.NewFile(uintptr(pipe[1]), "stdout")
	defer out.Close()

	t := &tree{suite: s, dir: dir, births: births, said: said.Name(), began: now()}
	cmd := s.command(s.scan(dir, n))
	cmd.Stdout, cmd.Stderr = out, said
	if err := cmd.Start(); err != nil {
		births.Close()
		return nil, err
	}
	t.root = cmd.Process.Pid
	cmd.Process.Release() // gather waits for it
	return t, nil
}

// awaitUp waits until all n services have told of their start.
func (t *tree) awaitUp(n int) error {
	for range n {
		if _, err := t.birth(); err != nil {
			return fmt.Errorf("%d of %d services are up: %w", len(t.services), n, err)
		}
	}
	t.upCPU = cpuTime(descendants(t.root))
	t.upTime = t.services[n-1].born - t.began
	return nil
}

// command returns the command argv of the suite.
func (s suite) command(argv []string) *exec.Cmd {
	cmd := exec.Command(s.bin+"/"+argv[0], argv[1:]...)
	cmd.Env = []string{"PATH=" + s.bin + ":/usr/bin:/bin"}
	return cmd
}

// birth waits until a service tells that it has started.
func (t *tree) birth() (service, error) {
	t.births.SetReadDeadline(time.Now().Add(patience))
	var said record
	if err := binary.Read(t.births, binary.NativeEndian, &said); err != nil {
		return service{}, err
	}
	s := said.service()
	t.services = append(t.services, s)
	return s, nil
}

// oldest takes the service that is up longest out of those that run, for a
// question that will end it.
func (t *tree) oldest() service {
	s := t.services[0]
	t.services = t.services[1:]
	time.Sleep(s.born + settled - now())
	return s
}

// newest takes out the service that has started last.
func (t *tree) newest() service {
	last := len(t.services) - 1
	s := t.services[last]
	t.services = t.services[:last]
	return s
}

// settle waits until nothing is left of the excitement of starting.
func (t *tree) settle() {
	time.Sleep(t.services[len(t.services)-1].born + settled - now())
}

// supervisors returns the processes of the tree that are no services.
func (t *tree) supervisors() []int {
	service := map[int]bool{}
	for _, s := range t.services {
		service[s.pid] = true
	}
	var pids []int
	for _, pid := range descendants(t.root) {
		if !service[pid] {
			pids = append(pids, pid)
		}
	}
	return pids
}

// excuse returns the first line that was said on standard error, for the end
// of a message.
func (t *tree) excuse() string {
	said, _ := os.ReadFile(t.said)
	line, _, _ := strings.Cut(string(said), "\n")
	if line == "" {
		return ""
	}
	return " (" + line + ")"
}
