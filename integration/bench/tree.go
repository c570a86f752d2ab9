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
	out      *os.File      // what they write to for that
	said     string        // the file that holds what is said on standard error
	services []service     // those that run, the longest up first

	upTime, upCPU time.Duration // from its beginning until all services ran
}

// start starts a suite on the scan directory dir of n services.
func start(s suite, dir string, n int) (*tree, error) {
	var pipe [2]int
	if err := unix.Pipe2(pipe[:], unix.O_CLOEXEC); err != nil {
		return nil, err
	}
	unix.SetNonblock(pipe[0], true) // for deadlines; services get the other end
	births, out := os.NewFile(uintptr(pipe[0]), "births"), os.NewFile(uintptr(pipe[1]), "stdout")

	t := &tree{suite: s, dir: dir, births: births, out: out, said: dir + ".said"}
	if err := t.launch(n); err != nil {
		t.close()
		return nil, err
	}
	return t, nil
}

func (t *tree) close() {
	t.births.Close()
	t.out.Close()
}

// launch starts what keeps the n services.
func (t *tree) launch(n int) error {
	said, err := os.OpenFile(t.said, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o644)
	if err != nil {
		return err
	}
	defer said.Close()
	t.began = now()
	cmd := t.command(t.scan(t.dir, n))
	cmd.Stdout, cmd.Stderr = t.out, said
	if err := cmd.Start(); err != nil {
		return err
	}
	t.root = cmd.Process.Pid
	cmd.Process.Release() // gather waits for it
	return nil
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
