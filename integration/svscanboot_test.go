package integration

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

const bootEnvironment = "PATH=/command:/usr/local/bin:/usr/local/sbin:/bin:/sbin:/usr/bin:/usr/sbin:/usr/X11R6/bin\x00"

// startBoot starts svscanboot for a scan directory, in a place where PATH
// leads to our tools before others, or to none.
func startBoot(t *testing.T, scan, mounts string) *daemon {
	t.Helper()
	needRoot(t)
	t.Setenv("SVDIR", scan)
	return startDaemon(t, "/", inNamespace(mounts, "exec "+bin+"/svscanboot")...)
}

func oursFirst() string { return "mount --bind " + bin + " /usr/local/bin" }

// noneAtAll hides the tools in /usr/bin, where they are those of the original.
func noneAtAll() string {
	hide := ":"
	for _, tool := range []string{"svscan", "readproctitle"} {
		if exists("/usr/bin/" + tool) {
			hide += "; mount --bind /dev/null /usr/bin/" + tool
		}
	}
	return hide
}

// child returns the child of a process that has that argument vector, with
// words for what matters of it; 0 if there is none.
func child(parent int, argv string) int {
	for _, pid := range children(parent) {
		cmdline, _ := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid))
		if strings.Contains(strings.ReplaceAll(string(cmdline), "\x00", " "), argv) {
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
	for name, mounts := range map[string]string{"found in PATH": oursFirst(), "its own": noneAtAll()} {
		t.Run(name, func(t *testing.T) {
			scan := t.TempDir()
			writeService(t, scan+"/x", "#!/bin/sh\necho unable to be good >&2\n"+untilTold)
			boot := startBoot(t, scan, mounts)
			root := boot.cmd.Process.Pid

			svscan := awaitChild(t, root, "svscan "+scan)
			title := awaitChild(t, root, "readproctitle service errors: ...")
			eventually(t, "readproctitle shows what the service says", func() bool {
				return child(root, "...unable to be good\n ") == title
			})
			for _, pid := range []int{svscan, title} {
				if environ, _ := os.ReadFile(fmt.Sprintf("/proc/%d/environ", pid)); string(environ) != bootEnvironment {
					t.Errorf("environment of process %d = %q, want %q", pid, environ, bootEnvironment)
				}
			}
			if got := descriptors(svscan); got != "/dev/null pipe pipe" {
				t.Errorf("standard descriptors of svscan are %s", got)
			}
			if got := descriptors(title); got != "pipe /dev/null /dev/null" {
				t.Errorf("standard descriptors of readproctitle are %s", got)
			}
			if boot.said() != "" {
				t.Errorf("it says %q", boot.said())
			}
		})
	}
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
	for _, argv := range []string{"svscan ", "readproctitle service errors: "} {
		t.Run(strings.Fields(argv)[0], func(t *testing.T) {
			scan := t.TempDir()
			boot := startBoot(t, scan, oursFirst())
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

func TestBootStops(t *testing.T) {
	for _, signal := range []unix.Signal{unix.SIGTERM, unix.SIGINT} {
		t.Run(signal.String(), func(t *testing.T) {
			scan := t.TempDir()
			writeService(t, scan+"/x", "#!/bin/sh\n"+untilTold)
			boot := startBoot(t, scan, oursFirst())
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

// Supervisors that are left over would keep those of the new svscan away.
func TestBootEndsLeftovers(t *testing.T) {
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
	startBoot(t, scan, oursFirst())
	eventually(t, "it is svscan's child", func() bool {
		up := pid(t, scan+"/x")
		return up > 0 && strings.HasPrefix(cmdlineOfParent(up), "svscan")
	})
}

func cmdlineOfParent(pid int) string {
	stat, _ := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	_, rest, _ := strings.Cut(string(stat), ") ")
	var state byte
	var parent int
	fmt.Sscanf(rest, "%c %d", &state, &parent)
	cmdline, _ := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", parent))
	return string(cmdline)
}
