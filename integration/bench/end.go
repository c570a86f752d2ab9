package main

import (
	"errors"
	"os"
	"strconv"
	"time"

	"golang.org/x/sys/unix"
)

// fell stops the tree as its suite wants it and returns how long it took.
func (t *tree) fell() (time.Duration, error) {
	began := now()
	unix.Kill(t.root, t.stop)
	if t.orphan {
		for i := range t.services {
			if err := send(t.dir+"/"+strconv.Itoa(i), "dx"); err != nil {
				return 0, err
			}
		}
	}
	late := time.AfterFunc(patience, killAll)
	gather()
	if !late.Stop() {
		return 0, errors.New("there are processes left")
	}
	return now() - began, nil
}

// gather waits for every process below this one to end. As this process is a
// subreaper, those whose parents have ended are its children.
func gather() {
	for {
		_, err := unix.Wait4(-1, nil, 0, nil)
		if err != nil && err != unix.EINTR {
			return
		}
	}
}

// killAll kills every process below this one, until there is none.
func killAll() {
	for {
		pids := descendants(os.Getpid())[1:]
		if len(pids) == 0 {
			return
		}
		for _, pid := range pids {
			unix.Kill(pid, unix.SIGKILL)
		}
		for range pids {
			unix.Wait4(-1, nil, unix.WNOHANG, nil)
		}
	}
}
