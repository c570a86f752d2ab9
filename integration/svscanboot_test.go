package integration

import (
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

const bootEnvironment = "PATH=/command:/usr/local/bin:/usr/local/sbin:/bin:/sbin:/usr/bin:/usr/sbin:/usr/X11R6/bin\x00"

// startBoot starts svscanboot, as a file of that name, for a scan directory.
func startBoot(t *testing.T, file, scan string) *daemon {
	t.Helper()
	cmd := exec.Command(file)
	cmd.Dir, cmd.Env = "/", append(os.Environ(), "SVDIR="+scan)
	return startCommand(t, cmd)
}

// child returns the child of a process that has that argument vector, with
// words for what matters of it; 0 if there is none.
func child(parent int, argv string) int {
	for _, pid := range children(parent) {
		if strings.Contains(strings.ReplaceAll(procFile(pid, "cmdline"), "\x00", " "), argv) {
			return pid
		}
	}
	return 0
}

func awaitChild(t *testing.T, parent int, argv string) (pid int) {
	t.Helper()
	eventually(t, "child "+argv, func() bool { pid = child(parent, argv); return pid != 0 })
	return pid
}

func TestBootTree(t *testing.T) {
	t.Parallel()
	scan := t.TempDir()
	writeService(t, scan+"/x", "#!/bin/sh\necho unable to be good >&2\n"+untilTold)
	boot := startBoot(t, bin+"/svscanboot", scan)
	root := boot.cmd.Process.Pid
	tests := []struct{ name, argv, descriptors string }{
		{"svscan", "svscan " + scan, "/dev/null pipe pipe"},
		{"readproctitle", "readproctitle service errors: ...", "pipe /dev/null /dev/null"},
	}
	for _, test := range tests {
		pid := awaitChild(t, root, test.argv)
		eventually(t, "the name of "+test.name, func() bool { return procFile(pid, "comm") == test.name+"\n" })
		if got := procFile(pid, "environ"); got != bootEnvironment {
			t.Errorf("environment of %s = %q, want %q", test.name, got, bootEnvironment)
		}
		if got := descriptors(pid); got != test.descriptors {
			t.Errorf("standard descriptors of %s = %s, want %s", test.name, got, test.descriptors)
		}
		if exe, _ := os.Readlink(fmt.Sprintf("/proc/%d/exe", pid)); exe != bin+"/syn3d" {
			t.Errorf("%s is run from %s, want %s", test.name, exe, bin+"/syn3d")
		}
	}
	eventually(t, "readproctitle shows what the service says", func() bool {
		return child(root, "...unable to be good\n ") != 0
	})
	if boot.said() != "" {
		t.Errorf("it says %q", boot.said())
	}
}

// What it keeps comes from its own file, which may have been replaced or
// removed meanwhile.
func TestBootFileChanges(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"replaced", "removed"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			file := t.TempDir() + "/svscanboot"
			check(t, exec.Command("cp", bin+"/syn3d", file).Run())
			boot := startBoot(t, file, t.TempDir())
			before := awaitChild(t, boot.cmd.Process.Pid, "svscan ")
			check(t, os.Remove(file))
			if name == "replaced" {
				check(t, exec.Command("cp", bin+"/syn3d", file).Run())
			}
			check(t, unix.Kill(before, unix.SIGKILL))
			eventually(t, "svscan runs again", func() bool {
				pid := child(boot.cmd.Process.Pid, "svscan ")
				exe, _ := os.Readlink(fmt.Sprintf("/proc/%d/exe", pid))
				return pid != before && strings.HasSuffix(exe, " (deleted)") == (name == "removed") && exe != ""
			})
		})
	}
}

func procFile(pid int, name string) string {
	text, _ := os.ReadFile(fmt.Sprintf("/proc/%d/%s", pid, name))
	return string(text)
}

// descriptors returns what the standard descriptors of a process are.
func descriptors(pid int) string {
	var kinds []string
	for fd := range 3 {
		target, _ := os.Readlink(fmt.Sprintf("/proc/%d/fd/%d", pid, fd))
		kind, _, _ := strings.Cut(target, ":")
		kinds = append(kinds, kind)
	}
	return strings.Join(kinds, " ")
}

func TestBootRestarts(t *testing.T) {
	t.Parallel()
	for _, argv := range []string{"svscan ", "readproctitle service errors: "} {
		t.Run(strings.Fields(argv)[0], func(t *testing.T) {
			t.Parallel()
			scan := t.TempDir()
			boot := startBoot(t, bin+"/svscanboot", scan)
			root := boot.cmd.Process.Pid
			other := "svscan "
			if argv == other {
				other = "readproctitle service errors: "
			}
			before, stays := awaitChild(t, root, argv), awaitChild(t, root, other)
			check(t, unix.Kill(before, unix.SIGKILL))
			eventually(t, argv+"runs again", func() bool { pid := child(root, argv); return pid != 0 && pid != before })
			if got := child(root, other); got != stays {
				t.Errorf("%swas process %d and now is %d", other, stays, got)
			}

			// The pipe is still the same, and somebody reads it.
			writeService(t, scan+"/x", "#!/bin/sh\necho still heard >&2\n"+untilTold)
			eventually(t, "readproctitle shows what a service says", func() bool { return child(root, "...still heard\n ") != 0 })
		})
	}
}

// TestBootKilled kills svscanboot itself: its successor takes over what runs.
func TestBootKilled(t *testing.T) {
	t.Parallel()
	scan := t.TempDir()
	writeService(t, scan+"/x", "#!/bin/sh\n"+untilTold)
	boot := startBoot(t, bin+"/svscanboot", scan)
	svscan := awaitChild(t, boot.cmd.Process.Pid, "svscan ")
	service := awaitSleep(t, scan+"/x")
	boot.kill()
	eventually(t, "svscan has gone with it", func() bool { return !alive(svscan) })
	boot = startBoot(t, bin+"/svscanboot", scan)
	svscan = awaitChild(t, boot.cmd.Process.Pid, "svscan ")
	eventually(t, "the service is supervised again", func() bool { return lockHolder(t, scan+"/x") == svscan })
	if got := awaitUp(t, scan+"/x"); got != service {
		t.Errorf("the service is up as %d, want %d", got, service)
	}
}

func TestBootStops(t *testing.T) {
	t.Parallel()
	for _, signal := range []unix.Signal{unix.SIGTERM, unix.SIGINT, unix.SIGQUIT} {
		t.Run(signal.String(), func(t *testing.T) {
			t.Parallel()
			scan := t.TempDir()
			writeService(t, scan+"/x", "#!/bin/sh\n"+untilTold)
			boot := startBoot(t, bin+"/svscanboot", scan)
			root := boot.cmd.Process.Pid
			svscan := awaitChild(t, root, "svscan ")
			title := awaitChild(t, root, "readproctitle ")
			service := awaitUp(t, scan+"/x")
			boot.signal(signal)
			if code := boot.wait(); code != 0 {
				t.Errorf("ends with %d, want 0", code)
			}
			for _, pid := range []int{svscan, service} {
				if alive(pid) {
					t.Errorf("process %d is left behind", pid)
				}
			}
			eventually(t, "readproctitle ends with the last who writes", func() bool { return !alive(title) })
		})
	}
}

// TestBootStopsAtOnce tells svscanboot to stop while an svscan is being started
// again, to which it hands that on: the services of the one before are stopped.
func TestBootStopsAtOnce(t *testing.T) {
	for i := range 15 {
		scan := t.TempDir()
		writeService(t, scan+"/x", "#!/bin/sh\n"+untilTold)
		boot := startBoot(t, bin+"/svscanboot", scan)
		root := boot.cmd.Process.Pid
		svscan := awaitChild(t, root, "svscan ")
		service := awaitSleep(t, scan+"/x")
		check(t, unix.Kill(svscan, unix.SIGKILL))
		eventually(t, "it has gone", func() bool { return !alive(svscan) })
		eventually(t, "there is another one", func() bool {
			return slices.ContainsFunc(children(root), func(pid int) bool { return strings.HasPrefix(procFile(pid, "cmdline"), "svscan\x00") })
		})
		time.Sleep(time.Duration(i) * 200 * time.Microsecond)
		boot.signal(unix.SIGTERM)
		if code := boot.wait(); code != 0 {
			t.Errorf("moment %d: it ends with %d, want 0", i, code)
		}
		if alive(service) {
			t.Fatalf("moment %d: the service is left behind", i)
		}
	}
}

// Supervisors that are left over would keep those of the new svscan away.
func TestBootEndsLeftovers(t *testing.T) {
	t.Parallel()
	scan := t.TempDir()
	writeService(t, scan+"/x", "#!/bin/sh\n"+untilTold, "log/run", "#!/bin/sh\n"+untilTold)
	for _, dir := range []string{scan + "/x", scan + "/x/log"} {
		leftover := startDaemon(t, "/", "supervise", dir)
		awaitUp(t, dir)
		t.Cleanup(func() {
			if code := leftover.wait(); code != 0 {
				t.Errorf("supervise %s ends with %d, want 0", dir, code)
			}
		})
	}
	startBoot(t, bin+"/svscanboot", scan)
	eventually(t, "it is svscan's child", func() bool {
		up := pid(t, scan+"/x")
		return up > 0 && strings.HasPrefix(cmdlineOfParent(up), "svscan")
	})
}

func cmdlineOfParent(pid int) string {
	_, rest, _ := strings.Cut(procFile(pid, "stat"), ") ")
	var state byte
	var parent int
	fmt.Sscanf(rest, "%c %d", &state, &parent)
	return procFile(parent, "cmdline")
}
