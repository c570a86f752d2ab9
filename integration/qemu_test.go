package integration

import (
	"cmp"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// A board is a kind of machine that QEMU can be.
type board struct {
	goarch  string
	qemu    string
	pkg     string // of Debian's, that has it
	options []string
	console string
}

var (
	pc   = board{"amd64", "qemu-system-x86_64", "qemu-system-x86", nil, "ttyS0"}
	virt = board{"arm64", "qemu-system-aarch64", "qemu-system-arm", []string{"-M", "virt", "-cpu", "cortex-a57"}, "ttyAMA0"}
)

// file returns a file for the board, which a variable of the environment names
// or a package of Debian's has. The last of those that match is the newest.
func (b board) file(t *testing.T, variable, pattern, pkg string) string {
	t.Helper()
	variable += "_" + strings.ToUpper(b.goarch)
	file := cmp.Or(os.Getenv(variable), pattern)
	if matching, _ := filepath.Glob(file); matching != nil {
		file = matching[len(matching)-1]
	}
	return installed(t, file, pkg+":"+b.goarch+", or name a file of it in $"+variable)
}

func (b board) kernel(t *testing.T) string {
	t.Helper()
	return b.file(t, "KERNEL", "/boot/vmlinuz-*-cloud-"+b.goarch, "linux-image-cloud-"+b.goarch)
}

func (b board) busybox(t *testing.T) string {
	t.Helper()
	if b.goarch == runtime.GOARCH {
		return installed(t, "/bin/busybox", "busybox-static")
	}
	return b.file(t, "BUSYBOX", "", "busybox-static")
}

// initramfs makes a file with syn3d, busybox, five services and what is in a
// directory.
func (b board) initramfs(t *testing.T, tree string) string {
	t.Helper()
	file := t.TempDir() + "/initramfs.xz"
	make := exec.Command("go", "run", "-tags", "minimal", "./initramfs", "-o", file,
		build(t, "minimal", b.goarch), b.busybox(t), "initramfs/root", tree)
	if out, err := make.CombinedOutput(); err != nil {
		t.Fatalf("initramfs: %v\n%s", err, out)
	}
	return file
}

const services = "crond getty httpd klogd syslogd"

// A machine runs in QEMU. We sit at its console.
type machine struct {
	*daemon
	keyboard io.Writer
	typed    int // commands
}

// start starts a machine. What is given besides are options of QEMU.
func (b board) start(t *testing.T, tree, parameters string, options ...string) *machine {
	t.Helper()
	qemu, kernel := installed(t, "/usr/bin/"+b.qemu, b.pkg), b.kernel(t)
	installed(t, "/usr/bin/xz", "xz-utils")
	options = append(options, b.options...)
	cmd := exec.Command(qemu, append(options, "-accel", "tcg", "-m", "256", "-no-reboot", "-nic", "none",
		"-display", "none", "-monitor", "none", "-serial", "stdio", "-kernel", kernel, "-initrd", b.initramfs(t, tree),
		"-append", "console="+b.console+" quiet panic=-1 "+parameters)...)
	keyboard, err := cmd.StdinPipe()
	check(t, err)
	return &machine{daemon: startCommand(t, cmd), keyboard: keyboard}
}

// answer types a command at the console, waits until it has ended, and
// returns what it has printed.
func (m *machine) answer(command string) string {
	m.t.Helper()
	m.typed++
	// As typed, the marks do not look as they do when printed.
	fmt.Fprintf(m.keyboard, "echo 'begin'%d; %s; echo 'end'%[1]d\n", m.typed, command)
	said := m.awaitSaid(fmt.Sprintf("\nend%d\r\n", m.typed))
	_, said, _ = strings.Cut(said, fmt.Sprintf("\nbegin%d\r\n", m.typed))
	said, _, _ = strings.Cut(said, fmt.Sprintf("end%d\r\n", m.typed))
	return strings.ReplaceAll(said, "\r", "")
}

// succeeds types a command, which ends well.
func (m *machine) succeeds(command string) {
	m.t.Helper()
	if got := m.answer(command + "; echo code $?"); !strings.HasSuffix(got, "\ncode 0\n") {
		m.t.Errorf("%s says %q", command, got)
	}
}

// TestMachine is the life of a machine, from the kernel's first instruction to
// its last.
func TestMachine(t *testing.T) {
	for _, b := range []board{pc, virt} { // each keeps a processor busy
		t.Run(b.goarch, func(t *testing.T) {
			t.Parallel()
			testMachine(t, b)
		})
	}
}

func testMachine(t *testing.T, b board) {
	disk := t.TempDir() + "/disk"
	check(t, os.WriteFile(disk, nil, 0o644))
	check(t, os.Truncate(disk, 16<<20))
	run(t, "/", installed(t, "/sbin/mkfs.ext4", "e2fsprogs"), "-q", disk)
	tree := t.TempDir()
	writeFiles(t, tree,
		"etc/syn3/boot", "#!/bin/sh\n/bin/busybox --install -s /bin\nmkdir /data\nmount /dev/nvme0n1 /data\n"+
			"(trap '' TERM; cd /data; while :; do echo >>noise; sleep 1; done) &\n",
		"service/crasher/run", "#!/bin/sh\nexit 1\n",
		"etc/syn3/shutdown", "#!/bin/sh\necho shutdown for $1\ntouch /data/$1\n")
	m := b.start(t, tree, "", "-drive", "if=none,format=raw,id=disk,file="+disk, "-device", "nvme,serial=disk,drive=disk")
	m.awaitSaid("/service/getty # ")

	m.answer("date -s 2037-01-01") // no RTC, and then the network tells
	m.succeeds("svcstart " + services)
	m.answer("until syn3-state crasher | grep -E 'CAUTION|CRITICAL'; do sleep 1; done")

	processes := func() string { return m.answer("pidof crond httpd klogd syslogd") }
	before := processes()
	svscan := m.answer("pidof svscan")
	m.answer("cp /bin/syn3d /bin/new && mv /bin/new /bin/syn3d && kill -QUIT 1")
	m.succeeds("/bin/syn3d upgrade")
	m.answer("until [ $(readlink /proc/1/exe)$(readlink /proc/$(pidof svscan)/exe) = /bin/syn3d/bin/syn3d ]; do sleep 1; done")
	m.succeeds("svcstart " + services)
	if got := m.answer("pidof svscan"); got != svscan {
		t.Errorf("svscan was process %q, and after an upgrade it is %q", svscan, got)
	}
	m.answer("kill -9 $(pidof svscan); until [ \"$(pidof svscan)\" ] && /bin/svok httpd; do sleep 1; done")
	m.succeeds("svcstart " + services)
	if after := processes(); after != before {
		t.Errorf("services were %q, and after an upgrade and a crash of svscan they are %q", before, after)
	}
	m.answer("kill -9 $(pidof httpd); until wget -q -O /dev/null http://127.0.0.1/; do sleep 1; done")
	m.succeeds("svcstart " + services)
	if after := processes(); after == before {
		t.Errorf("services are %q as before a crash", after)
	}
	fmt.Fprint(m.keyboard, "/bin/poweroff\n") // or else the shell would take busybox's
	if code := m.wait(); code != 0 {
		t.Errorf("qemu ends with %d, want 0", code)
	}
	for _, want := range []string{
		"init: poweroff: stopping the services\r\n", "init: running /etc/syn3/shutdown\r\nshutdown for poweroff\r\n",
		"init: poweroff\r\n", "reboot: Power down"} {
		m.awaitSaid(want)
	}
	for _, bad := range []string{"warning", "panic", "unable"} {
		if strings.Contains(m.said(), bad) {
			t.Errorf("the console has %q: %s", bad, m.said())
		}
	}
	checkDisk(t, disk)
}

// checkDisk checks that a file system has been written to, to the end, and
// unmounted.
func checkDisk(t *testing.T, disk string) {
	t.Helper()
	if got := run(t, "/", "/sbin/dumpe2fs", "-h", disk).out; strings.Contains(got, "needs_recovery") {
		t.Errorf("the disk has not been unmounted: %s", got)
	}
	if got := run(t, "/", "/sbin/debugfs", "-R", "ls -p /", disk).out; !strings.Contains(got, "/poweroff/") {
		t.Errorf("what the shutdown script has written is not on the disk: %q", got)
	}
}

// With syn3.single there is a shell before anything else.
func TestMachineSingleUser(t *testing.T) {
	m := pc.start(t, t.TempDir(), "syn3.single")
	m.awaitSaid("init: syn3.single: exit this shell to go on\r\n")
	if got := m.answer("/bin/busybox ls /service/httpd"); got != "run\n" {
		t.Errorf("in /service/httpd there is %q, want only run", got)
	}
	if got := m.answer("/bin/busybox ps -o pid,comm | /bin/busybox grep -c '[ /]sv'"); got != "0\n" {
		t.Errorf("%q supervisors run", got)
	}
	fmt.Fprint(m.keyboard, "exit\n")
	m.awaitSaid("init: running /etc/syn3/boot\r\n")
	m.awaitSaid("/service/getty # ")
	m.succeeds("svcstart httpd")
	if strings.Contains(m.said(), "can't access tty") {
		t.Errorf("the console is no terminal: %s", m.said())
	}
	fmt.Fprint(m.keyboard, "/bin/shutdown -r now\n")
	m.awaitSaid("init: reboot\r\n")
	if code := m.wait(); code != 0 {
		t.Errorf("qemu ends with %d, want 0", code)
	}
}
