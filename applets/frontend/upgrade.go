package frontend

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"syn3d/applets"
	"syn3d/protocol"
	"syn3d/supervisor"

	"golang.org/x/sys/unix"
)

const (
	trialLimit   = 10 * time.Second // for the new program to say its version
	upgradeLimit = time.Minute      // for svscan to be the new program
	glance       = 20 * time.Millisecond
)

// upgrade has the svscan of a scan directory execute its program anew.
func upgrade(args []string) error {
	dir := protocol.Root()
	switch {
	case len(args) == 1 && !strings.HasPrefix(args[0], "-"):
		dir = args[0]
	case len(args) > 0:
		return applets.Usage("upgrade: usage: syn3d upgrade " + applets.Find("upgrade").Args)
	}
	if err := protocol.CheckDir(dir); err != nil {
		return &protocol.Error{What: "unable to chdir to " + dir, Err: err}
	}
	svscan, err := findSvscan(dir)
	if err != nil {
		return err
	}
	if err := svscan.check(); err != nil {
		return err
	}
	before := svscan.environ()
	supervised := supervisedIn(dir)
	if err := unix.Kill(svscan.pid, unix.SIGUSR2); err != nil {
		return &protocol.Error{What: "unable to signal svscan", Err: err}
	}
	fmt.Print("Upgrading ", dir, " ....")
	if err := svscan.await(before, supervised); err != nil {
		fmt.Println("FAILED")
		return err
	}
	fmt.Println("OK")
	return nil
}

// A scanProcess is the svscan of a scan directory.
type scanProcess struct {
	pid     int
	program string // its file, which may be another one by now
}

// findSvscan finds the svscan that works in dir.
func findSvscan(dir string) (scanProcess, error) {
	here, err := os.Stat(dir)
	if err != nil {
		return scanProcess{}, err
	}
	comms, _ := filepath.Glob("/proc/[0-9]*/comm")
	for _, file := range comms {
		proc := filepath.Dir(file)
		comm, _ := os.ReadFile(file)
		there, err := os.Stat(proc + "/cwd")
		if string(comm) != "svscan\n" || err != nil || !os.SameFile(here, there) {
			continue
		}
		pid, _ := strconv.Atoi(filepath.Base(proc))
		program, err := os.Readlink(proc + "/exe")
		return scanProcess{pid, strings.TrimSuffix(program, " (deleted)")}, err
	}
	return scanProcess{}, errors.New("no svscan runs in " + dir)
}

func (s scanProcess) proc(file string) string { return "/proc/" + strconv.Itoa(s.pid) + "/" + file }

// check returns an error if the signal would kill svscan, which then is not
// ours, or if the file that it would execute does not run.
func (s scanProcess) check() error {
	status, err := os.ReadFile(s.proc("status"))
	if err != nil {
		return err
	}
	var caught uint64
	_, mask, _ := strings.Cut(string(status), "\nSigCgt:\t")
	fmt.Sscanf(mask, "%x", &caught)
	if caught&(1<<(unix.SIGUSR2-1)) == 0 {
		return fmt.Errorf("svscan (pid %d) is another program, which cannot be upgraded", s.pid)
	}
	ctx, cancel := context.WithTimeout(context.Background(), trialLimit)
	defer cancel()
	trial := exec.CommandContext(ctx, s.program, "--version")
	trial.Args[0] = "syn3d"
	said, err := trial.CombinedOutput()
	if err != nil || !bytes.HasPrefix(said, []byte("syn3d ")) {
		return fmt.Errorf("%s does not run: %q, %v", s.program, said, err)
	}
	return nil
}

// environ returns what svscan was given when it executed its program: another
// environment each time.
func (s scanProcess) environ() []byte {
	environ, _ := os.ReadFile(s.proc("environ"))
	return environ
}

// await waits until svscan has executed its program, and everything that was
// supervised before is supervised again.
func (s scanProcess) await(before []byte, supervised []string) error {
	for deadline := time.Now().Add(upgradeLimit); time.Now().Before(deadline); time.Sleep(glance) {
		// One that executes looks like a zombie while its threads end.
		if _, ok := protocol.ReadProcess(s.pid); !ok {
			return fmt.Errorf("svscan (pid %d) has ended", s.pid)
		}
		now := s.environ() // empty for a moment while it executes
		if len(now) > 0 && !bytes.Equal(now, before) && !s.hasKeepers() && allSupervised(supervised) {
			return nil
		}
	}
	if bytes.Equal(s.environ(), before) {
		return errors.New("svscan goes on as it was; its messages tell why")
	}
	return errors.New("not everything that was supervised is so again")
}

// hasKeepers reports whether svscan still has to take something over.
func (s scanProcess) hasKeepers() bool {
	cmdlines, _ := filepath.Glob("/proc/[0-9]*/cmdline")
	for _, file := range cmdlines {
		cmdline, _ := os.ReadFile(file)
		if !bytes.HasPrefix(cmdline, []byte(supervisor.Keeper+"\x00")) {
			continue
		}
		pid, _ := strconv.Atoi(filepath.Base(filepath.Dir(file)))
		if process, ok := protocol.ReadProcess(pid); ok && process.Parent == s.pid {
			return true
		}
	}
	return false
}

// supervisedIn returns the directories below dir that are supervised.
func supervisedIn(dir string) (found []string) {
	for _, pattern := range []string{"/[^.]*", "/[^.]*/" + protocol.LogDir} {
		names, _ := filepath.Glob(dir + pattern)
		for _, name := range names {
			if protocol.Supervised(name) == nil {
				found = append(found, name)
			}
		}
	}
	return found
}

func allSupervised(dirs []string) bool {
	for _, dir := range dirs {
		if protocol.Supervised(dir) != nil {
			return false
		}
	}
	return true
}
