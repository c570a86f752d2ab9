package integration

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"syn3d/protocol"

	"golang.org/x/sys/unix"
)

// How process 1 of a container ends: the kernel tells by a signal what was
// asked of it.
const (
	endedByReboot = 128 + int(unix.SIGHUP)
	endedByHalt   = 128 + int(unix.SIGINT)
)

// newRoot makes a root directory that holds syn3d and busybox, and nothing
// that has to be mounted. What is given besides are names and contents of
// files, as for writeService.
func newRoot(t *testing.T, files ...string) string {
	t.Helper()
	if os.Getuid() != 0 {
		t.Skip("this test needs root, for namespaces")
	}
	root := t.TempDir()
	writeFiles(t, root, files...)
	check(t, os.MkdirAll(root+"/bin", 0o755))
	busybox := installed(t, "/bin/busybox", "busybox-static")
	copyFile(t, busybox, root+"/bin/busybox")
	copyFile(t, bin+"/syn3d", root+"/bin/syn3d")
	run(t, root, "chroot", root, "/bin/busybox", "--install", "-s", "/bin")
	for _, name := range []string{"init", "bin/svstat", "bin/svc", "bin/svcstart"} {
		os.Remove(root + "/" + name)
		check(t, os.Symlink("/bin/syn3d", root+"/"+name))
	}
	return root
}

// copyFile copies a program, not through our memory: of that, a child that is
// measured would have its part.
func copyFile(t *testing.T, from, to string) {
	t.Helper()
	source, err := os.Open(from)
	check(t, err)
	defer source.Close()
	target, err := os.OpenFile(to, os.O_CREATE|os.O_WRONLY, 0o755)
	check(t, err)
	_, err = io.Copy(target, source)
	check(t, err)
	check(t, target.Close())
}

// startInit starts a program of a root directory as process 1 of a container
// with namespaces of its own, whose mounts nobody else sees.
func startInit(t *testing.T, root string, environ []string, argv ...string) *daemon {
	t.Helper()
	cmd := exec.Command(argv[0], argv[1:]...)
	cmd.Env = append([]string{"PATH=/bin"}, environ...)
	cmd.Dir = "/"
	cmd.SysProcAttr = isolated()
	cmd.SysProcAttr.Chroot = root
	return startCommand(t, cmd)
}

func isolated() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{
		Cloneflags:   unix.CLONE_NEWPID | unix.CLONE_NEWUTS | unix.CLONE_NEWNET | unix.CLONE_NEWIPC,
		Unshareflags: unix.CLONE_NEWNS,
	}
}

// inside runs a command within the container of process 1.
func inside(t *testing.T, init *daemon, argv ...string) result {
	t.Helper()
	target := strconv.Itoa(init.cmd.Process.Pid)
	return run(t, "/", append([]string{"nsenter", "--all", "--root", "--wd", "--target", target}, argv...)...)
}

// awaitInside waits until a service of a root directory is up, and returns its
// process, as those inside know it.
func awaitInside(t *testing.T, root, name string) (up int) {
	t.Helper()
	eventually(t, name+" is up", func() bool {
		status, err := protocol.ReadStatus(root + "/service/" + name)
		up = int(status.Pid)
		return err == nil && status.Up()
	})
	return up
}

func TestInit(t *testing.T) {
	t.Parallel()
	root := newRoot(t,
		"etc/hostname", "appliance\n",
		"etc/syn3/boot", "#!/bin/sh\n{ hostname; ifconfig lo; mount; } >/facts\necho boot >>/journal\necho said at boot\n",
		"etc/syn3/shutdown", "#!/bin/sh\necho shutdown $1 >>/journal\n",
		"service/a/run", "#!/bin/sh\necho a up >>/journal\nsleep 100000 & trap 'echo a down >>/journal; exit' TERM\nwait\n",
		"service/a/stop", "#!/bin/sh\necho a stop >>/journal\nsvc -d .\n")
	init := startInit(t, root, nil, "/init")
	eventually(t, "the service is up", func() bool { return len(lines(t, root+"/journal")) == 2 })
	init.awaitSaid("said at boot\n")
	facts, _ := os.ReadFile(root + "/facts")
	for _, fact := range []string{"appliance\n", "UP LOOPBACK", " on /proc type proc", " on /sys type sysfs",
		" on /dev type devtmpfs", " on /dev/pts type devpts", " on /dev/shm type tmpfs", " on /run type tmpfs"} {
		if !strings.Contains(string(facts), fact) {
			t.Errorf("no %q in %q", fact, facts)
		}
	}
	writeService(t, root+"/service/b", "#!/bin/sh\nexec sleep 100000\n")
	awaitInside(t, root, "b")

	init.signal(unix.SIGTERM)
	if got := init.wait(); got != endedByReboot {
		t.Errorf("it ends with %d, want %d", got, endedByReboot)
	}
	want := []string{"boot", "a up", "a stop", "a down", "shutdown reboot"}
	if got := lines(t, root+"/journal"); !slices.Equal(got, want) {
		t.Errorf("journal = %q, want %q", got, want)
	}
}

// What is told by signals, and by the commands that send them.
func TestInitActions(t *testing.T) {
	t.Parallel()
	ask := func(words ...string) func(*testing.T, *daemon) {
		return func(t *testing.T, init *daemon) { inside(t, init, append([]string{"/bin/syn3d"}, words...)...) }
	}
	send := func(s unix.Signal) func(*testing.T, *daemon) {
		return func(_ *testing.T, init *daemon) { init.signal(s) }
	}
	tests := []struct {
		name string
		tell func(*testing.T, *daemon)
		said string
		code int
	}{
		{"TERM", send(unix.SIGTERM), "reboot", endedByReboot},
		{"INT", send(unix.SIGINT), "reboot", endedByReboot},
		{"USR1", send(unix.SIGUSR1), "halt", endedByHalt},
		{"USR2", send(unix.SIGUSR2), "poweroff", endedByHalt},
		{"PWR", send(unix.SIGPWR), "poweroff", endedByHalt},
		{"reboot", ask("reboot"), "reboot", endedByReboot},
		{"halt", ask("halt"), "halt", endedByHalt},
		{"poweroff", ask("poweroff"), "poweroff", endedByHalt},
		{"shutdown", ask("shutdown", "now"), "poweroff", endedByHalt},
		{"shutdown -h", ask("shutdown", "-h", "now"), "poweroff", endedByHalt},
		{"shutdown -r", ask("shutdown", "-r", "now"), "reboot", endedByReboot},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			root := newRoot(t, "service/a/run", forever)
			init := startInit(t, root, nil, "/init")
			awaitInside(t, root, "a")
			test.tell(t, init)
			if got := init.wait(); got != test.code {
				t.Errorf("it ends with %d, want %d", got, test.code)
			}
			want := "init: " + test.said + ": stopping the services\ninit: " + test.said + "\n"
			if got := init.awaitSaid(want); got != want {
				t.Errorf("it says %q, want %q", got, want)
			}
		})
	}
}

// A command with -f has the kernel do it: process 1 is not asked. It is run by
// process 1's own script, for nowhere else must it ever run.
func TestInitForced(t *testing.T) {
	t.Parallel()
	for name, code := range map[string]int{"reboot": endedByReboot, "halt": endedByHalt, "poweroff": endedByHalt} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			root := newRoot(t, "etc/syn3/boot", "#!/bin/sh\n[ $$ -lt 20 ] && exec /bin/syn3d "+name+" -f\n")
			init := startInit(t, root, nil, "/init")
			if got := init.wait(); got != code {
				t.Errorf("it ends with %d, want %d", got, code)
			}
		})
	}
}

// Signals that ask for nothing must not end it.
func TestInitIgnores(t *testing.T) {
	t.Parallel()
	root := newRoot(t, "service/a/run", forever)
	init := startInit(t, root, nil, "/init")
	before := awaitInside(t, root, "a")
	for s := unix.Signal(1); s < 65; s++ {
		asks := []unix.Signal{unix.SIGTERM, unix.SIGINT, unix.SIGUSR1, unix.SIGUSR2, unix.SIGPWR, unix.SIGQUIT}
		if !slices.Contains(asks, s) && s != unix.SIGKILL && s != unix.SIGSTOP {
			init.signal(s)
		}
	}
	writeService(t, root+"/service/b", forever)
	awaitInside(t, root, "b")
	if after := awaitInside(t, root, "a"); after != before {
		t.Errorf("service a was process %d and is %d", before, after)
	}
}

// Names and words under which it is init, and under which it is not.
func TestInitNames(t *testing.T) {
	t.Parallel()
	for _, argv := range [][]string{{"/bin/syn3d"}, {"/bin/syn3d", "init"}, {"/bin/syn3d", "quiet"}, {"/init", "single", "-x"}} {
		t.Run(strings.Join(argv, " "), func(t *testing.T) {
			t.Parallel()
			startInit(t, newRoot(t), nil, argv...).awaitSaid("init: waiting for /service: file does not exist\n")
		})
	}
	t.Run("list", func(t *testing.T) {
		t.Parallel()
		list := startInit(t, newRoot(t), nil, "/bin/syn3d", "--list")
		if code := list.wait(); code != 0 || !strings.Contains(list.awaitSaid("svscan\n"), "supervise\n") {
			t.Errorf("it ends with %d, says %q", code, list.said())
		}
	})
	t.Run("not first", func(t *testing.T) {
		want := result{"", "init: fatal: not the first process\n", 100}
		if got := run(t, "/", "syn3d", "init"); got != want {
			t.Errorf("syn3d init = %+v, want %+v", got, want)
		}
	})
}

func TestInitAwaitsScanDir(t *testing.T) {
	t.Parallel()
	root := newRoot(t)
	init := startInit(t, root, nil, "/init")
	init.awaitSaid("init: waiting for /service: file does not exist\n")
	writeService(t, root+"/service.new/a", forever)
	check(t, os.Rename(root+"/service.new", root+"/service"))
	awaitInside(t, root, "a")
	if got := strings.Count(init.said(), "waiting"); got != 1 {
		t.Errorf("it says %d times that it waits, want once", got)
	}
}

func TestInitBootScript(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, script, said string }{
		{"fails", "#!/bin/sh\nexit 3\n", "init: warning: /etc/syn3/boot: exit code 3\n"},
		{"cannot be executed", "#!/nowhere\n", "init: warning: unable to run /etc/syn3/boot: file does not exist\n"},
		{"hangs", "#!/bin/sh\nsleep 100000\n", "init: warning: /etc/syn3/boot: not done in 1 seconds\n"},
		{"hangs and ignores TERM", "#!/bin/sh\ntrap '' TERM\nsleep 100000\n", "init: warning: /etc/syn3/boot: killed by SIGKILL\n"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			root := newRoot(t, "etc/syn3/boot", test.script, "service/a/run", forever)
			init := startInit(t, root, []string{"SYN3_BOOT_TIME=1"}, "/init")
			init.awaitSaid(test.said)
			awaitInside(t, root, "a")
		})
	}
}

// A wish to end that comes in the middle of the boot is heeded then.
func TestInitEndsBoot(t *testing.T) {
	t.Parallel()
	root := newRoot(t, "etc/syn3/boot", "#!/bin/sh\necho waiting for the moon\nsleep 100000\n", "service/a/run", forever)
	init := startInit(t, root, nil, "/init")
	init.awaitSaid("waiting for the moon\n")
	init.signal(unix.SIGUSR2)
	if got := init.wait(); got != endedByHalt {
		t.Errorf("it ends with %d, want %d", got, endedByHalt)
	}
	if _, err := os.Stat(root + "/service/a/supervise"); err == nil {
		t.Error("services have been started")
	}
}

// What does not stop is named, and has to go at the end of the time. Until
// then, it is not too late to want another end.
func TestInitStubborn(t *testing.T) {
	t.Parallel()
	root := newRoot(t, "service/a/run", forever, "service/x/run", "#!/bin/sh\ntrap '' TERM\necho ready >>/journal\nexec sleep 100000\n")
	init := startInit(t, root, []string{"SYN3_SHUTDOWN_TIME=6"}, "/init")
	awaitInside(t, root, "a")
	eventually(t, "x ignores TERM", func() bool { return lines(t, root+"/journal") != nil })
	init.signal(unix.SIGTERM)
	init.awaitSaid("init: reboot: stopping the services\n")
	init.signal(unix.SIGUSR2)
	if got := init.wait(); got != endedByHalt {
		t.Errorf("it ends with %d, want %d", got, endedByHalt)
	}
	want := "init: reboot: stopping the services\ninit: waiting for x (1 seconds left)\n" +
		"init: not stopped in 6 seconds: x\ninit: poweroff\n"
	if got := init.awaitSaid("init: poweroff\n"); got != want {
		t.Errorf("it says %q, want %q", got, want)
	}
}

// Without the right to reboot it ends with exit, as containers do.
func TestInitWithoutRights(t *testing.T) {
	t.Parallel()
	root := newRoot(t, "service/a/run", forever)
	script := fmt.Sprintf("mount -t proc proc %[1]s/proc && exec setpriv --bounding-set=-sys_boot,-sys_admin chroot %[1]s /init", root)
	check(t, os.Mkdir(root+"/proc", 0o755))
	cmd := exec.Command("sh", "-c", script)
	cmd.SysProcAttr = isolated()
	init := startCommand(t, cmd)
	awaitInside(t, root, "a")
	init.signal(unix.SIGTERM)
	if got := init.wait(); got != 0 {
		t.Errorf("it ends with %d, want 0", got)
	}
	if got := init.awaitSaid("init: reboot\n"); strings.Contains(got, "mount") {
		t.Errorf("it complains of what it may not: %q", got)
	}
}

// There is no console, no /dev/null, and its standard descriptors are closed.
func TestInitWithoutConsole(t *testing.T) {
	t.Parallel()
	root := newRoot(t, "service/a/run", forever)
	script := fmt.Sprintf("mount -t proc proc %[1]s/proc && exec setpriv --bounding-set=-sys_boot,-sys_admin chroot %[1]s /init 0<&- 1>&- 2>&-", root)
	check(t, os.Mkdir(root+"/proc", 0o755))
	cmd := exec.Command("sh", "-c", script)
	cmd.SysProcAttr = isolated()
	init := startCommand(t, cmd)
	awaitInside(t, root, "a")
	init.signal(unix.SIGTERM)
	if got := init.wait(); got != 0 {
		t.Errorf("it ends with %d, want 0", got)
	}
}

// A root that cannot be written has the state of services elsewhere.
func TestInitReadOnlyRoot(t *testing.T) {
	t.Parallel()
	root := newRoot(t, "service/a/run", forever, "proc/", "", "sys/", "", "dev/", "", "run/", "")
	cmd := exec.Command("sh", "-c", "mount --bind . . && mount -o remount,bind,ro $PWD && exec chroot $PWD /init")
	cmd.Dir = root
	cmd.Env = append(os.Environ(), "SUPERVISEDIR=/run/supervise")
	cmd.SysProcAttr = isolated()
	init := startCommand(t, cmd)
	eventually(t, "a is up", func() bool {
		got := inside(t, init, "/bin/env", "SUPERVISEDIR=/run/supervise", "/bin/svstat", "/service/a").out
		return strings.HasPrefix(got, "/service/a: up ")
	})
	if inside(t, init, "/bin/touch", "/file").code == 0 {
		t.Error("the root can be written")
	}
	init.signal(unix.SIGTERM)
	if got := init.wait(); got != endedByReboot {
		t.Errorf("it ends with %d, want %d", got, endedByReboot)
	}
	if got := init.said(); strings.Contains(got, "warning") {
		t.Errorf("it says %q", got)
	}
}

// A console that takes nothing any more holds nothing up.
func TestInitBlockedConsole(t *testing.T) {
	t.Parallel()
	root := newRoot(t, "service/a/run", forever)
	check(t, unix.Mkfifo(root+"/console", 0o600))
	init := startInit(t, root, nil, "/bin/sh", "-c",
		"exec 3<>/console; head -c 65536 /bin/busybox >&3; exec /init >&3 2>&3 3>&-")
	awaitInside(t, root, "a")
	init.signal(unix.SIGTERM)
	if got := init.wait(); got != endedByReboot {
		t.Errorf("it ends with %d, want %d", got, endedByReboot)
	}
	if said := init.said(); said != "" {
		t.Errorf("it says %q elsewhere", said)
	}
}

// Nothing of this keeps a service from running, or the system from its end.
func TestInitBadSystem(t *testing.T) {
	t.Parallel()
	tests := map[string]string{
		"read-only /run":       "mount -o remount,ro /run",
		"full /run":            "mount -o remount,size=4k /run && ! dd if=/dev/zero of=/run/x",
		"no /run":              "umount /run && rmdir /run && touch /run",
		"no /dev":              "umount /dev/pts /dev/shm && umount -l /dev",
		"all services crash":   "for i in 1 2 3 4 5 6 7 8 9; do cp -r /service/crasher /service/crasher$i; done",
		"not a scan directory": "echo >/service/file && ln -s nowhere /service/link && mkdir /service/empty",
	}
	for name, script := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			root := newRoot(t, "etc/syn3/boot", "#!/bin/sh\n"+script+"\n",
				"service/a/run", forever, "service/crasher/run", "#!/bin/sh\necho run >>/journal\nexit 1\n")
			init := startInit(t, root, nil, "/init")
			awaitInside(t, root, "a")
			eventually(t, "what has crashed is started again", func() bool { return len(lines(t, root+"/journal")) > 2 })
			init.signal(unix.SIGTERM)
			if got := init.wait(); got != endedByReboot {
				t.Errorf("it ends with %d, want %d", got, endedByReboot)
			}
			if strings.Contains(init.said(), "warning") {
				t.Errorf("it says %q", init.said())
			}
		})
	}
}

// A svscan that dies costs no service anything: the next one takes them over.
// Of their ends process 1 is told, now their parent.
func TestInitKeepsSvscan(t *testing.T) {
	t.Parallel()
	root := newRoot(t, "service/a/run", forever, "service/b/run", forever)
	init := startInit(t, root, nil, "/init")
	before, other := awaitInside(t, root, "a"), awaitInside(t, root, "b")
	svscan := awaitChild(t, init.cmd.Process.Pid, "svscan ")
	check(t, unix.Kill(svscan, unix.SIGKILL))
	eventually(t, "svscan runs again", func() bool {
		pid := child(init.cmd.Process.Pid, "svscan ")
		return pid != 0 && pid != svscan
	})
	inside(t, init, "/bin/kill", "-9", strconv.Itoa(other))
	eventually(t, "b is back", func() bool { up := awaitInside(t, root, "b"); return up != other })
	if after := awaitInside(t, root, "a"); after != before {
		t.Errorf("service a was process %d and is %d", before, after)
	}
	if got := strings.Count(inside(t, init, "/bin/ps").out, "sleep"); got != 2 {
		t.Errorf("%d services run, want 2", got)
	}
}

// HUP is for svscan, where it is seen to arrive.
func TestInitHandsOnHup(t *testing.T) {
	t.Parallel()
	init := startInit(t, newRoot(t, "service/a/run", forever), nil, "/init")
	svscan := awaitChild(t, init.cmd.Process.Pid, "svscan ")
	check(t, unix.Kill(svscan, unix.SIGSTOP))
	eventually(t, "svscan is stopped", func() bool { return stopped(svscan) })
	init.signal(unix.SIGHUP)
	eventually(t, "HUP is there", func() bool {
		return strings.Contains(procFile(svscan, "status"), "\nShdPnd:\t0000000000000001\n")
	})
	check(t, unix.Kill(svscan, unix.SIGCONT))
}

// On QUIT it executes its program anew, which may be another one by then. It
// keeps what it has kept, and does not boot again.
func TestInitAgain(t *testing.T) {
	t.Parallel()
	root := newRoot(t, "service/a/run", "#!/bin/sh\necho unable to be good >&2\nexec sleep 100000\n",
		"etc/syn3/boot", "#!/bin/sh\necho boot >>/journal\n")
	init := startInit(t, root, nil, "/init")
	first := init.cmd.Process.Pid
	before := awaitInside(t, root, "a")
	svscan, title := awaitChild(t, first, "svscan "), awaitChild(t, first, "readproctitle ")
	copyFile(t, bin+"/syn3d", root+"/bin/syn3d.new")
	check(t, os.Rename(root+"/bin/syn3d.new", root+"/bin/syn3d"))

	// Until it does, it still executes what has been deleted.
	executed := func() string { file, _ := os.Readlink(fmt.Sprintf("/proc/%d/exe", first)); return file }
	if got := executed(); !strings.HasSuffix(got, " (deleted)") {
		t.Errorf("it executes %s", got)
	}
	init.signal(unix.SIGQUIT)
	eventually(t, "it executes the new program", func() bool { return strings.HasSuffix(executed(), "/bin/syn3d") })
	writeService(t, root+"/service/b", "#!/bin/sh\necho unable to be bad >&2\nexec sleep 100000\n")
	awaitInside(t, root, "b")
	eventually(t, "the same pipe", func() bool { return child(first, "...unable to be good\nunable to be bad\n") == title })
	if got := child(first, "svscan "); got != svscan {
		t.Errorf("svscan was process %d and is %d", svscan, got)
	}
	if after := awaitInside(t, root, "a"); after != before {
		t.Errorf("service a was process %d and is %d", before, after)
	}
	if got := lines(t, root+"/journal"); !slices.Equal(got, []string{"boot"}) {
		t.Errorf("journal = %q, want one boot", got)
	}
	check(t, unix.Kill(svscan, unix.SIGKILL))
	eventually(t, "svscan is kept", func() bool { pid := child(first, "svscan "); return pid != 0 && pid != svscan })
	init.signal(unix.SIGTERM)
	if got := init.wait(); got != endedByReboot {
		t.Errorf("it ends with %d, want %d", got, endedByReboot)
	}
}

// What it is told at any moment of that, it does afterwards.
func TestInitToldMeanwhile(t *testing.T) {
	t.Parallel()
	root := newRoot(t, "service/a/run", forever)
	for i := range 20 {
		init := startInit(t, root, nil, "/init")
		awaitInside(t, root, "a")
		for range 5 {
			init.signal(unix.SIGQUIT)
			init.signal(unix.SIGHUP)
		}
		time.Sleep(time.Duration(i) * 250 * time.Microsecond)
		init.signal(unix.SIGTERM)
		if got := init.wait(); got != endedByReboot {
			t.Fatalf("moment %d: it ends with %d, want %d; it has said %q", i, got, endedByReboot, init.said())
		}
	}
}

const orphans = 20000

// All orphans come to process 1, at once.
func TestInitReapsOrphans(t *testing.T) {
	t.Parallel()
	root := newRoot(t, "service/a/run", forever)
	init := startInit(t, root, nil, "/init")
	before := awaitInside(t, root, "a")
	self, err := os.Executable()
	check(t, err)
	target := strconv.Itoa(init.cmd.Process.Pid)
	left := run(t, "/", "env", "LEAVE_ORPHANS=1", "nsenter", "--pid", "--target", target, self)
	if n, _ := strconv.Atoi(left.out); n != orphans {
		t.Fatalf("there were %d orphans, want %d: %s", n, orphans, left.err)
	}
	eventually(t, "only those that are kept are left", func() bool { return len(children(init.cmd.Process.Pid)) == 2 })
	if after := awaitInside(t, root, "a"); after != before {
		t.Errorf("service a was process %d and is %d", before, after)
	}
}

// leaveOrphans makes this process one that has children, which end, and does
// not wait for them.
func leaveOrphans() {
	if os.Getenv("LEAVE_ORPHANS") == "" {
		return
	}
	n := 0
	for ; n < orphans; n++ {
		pid, _, errno := unix.RawSyscall6(unix.SYS_CLONE, uintptr(unix.SIGCHLD), 0, 0, 0, 0, 0)
		if errno != 0 {
			break
		}
		if pid == 0 {
			unix.RawSyscall(unix.SYS_EXIT, 0, 0, 0)
		}
	}
	fmt.Print(n)
	os.Exit(0)
}
