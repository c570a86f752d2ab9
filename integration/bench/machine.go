package main

import (
	"bufio"
	"cmp"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"time"
)

// A machine is started by the same kernel, with the same files in memory, once
// with syn3d as its process 1 and once with busybox's init, which starts
// runit's runsvdir. Both mount what programs expect. What is measured is told
// by the clock of the kernel, in the stamps of its messages: it says when it
// starts /init, and services write to the same place.
const (
	machineServices = 20
	runsvdir        = "/usr/bin/runsvdir"
	runsv           = "/usr/bin/runsv"
	busybox         = "/bin/busybox"
	atInit          = "Run /init as init process"
	atService       = "a service runs"
)

// machines are the contests of whole machines.
func (b *bench) machines() []contest {
	qemu := []string{"/usr/bin/qemu-system-x86_64"}
	needs := []string{"/usr/bin/xz", busybox, machineKernel()}
	if runtime.GOARCH != "amd64" {
		needs = append(needs, "QEMU for "+runtime.GOARCH+" in this benchmark")
	}
	return []contest{{
		what: fmt.Sprintf("from the kernel's start of /init to the first of %d services", machineServices), unit: "ms",
		entries: []entry{
			{suite: "busybox", argv: qemu, needs: append(needs, runsvdir, runsv)},
			{suite: ours, argv: qemu, needs: needs},
		},
		measure: b.bootMachine, goals: []goal{{"busybox", 1.3}},
	}}
}

// machineKernel returns a kernel as the tests in QEMU find it, or else where it
// could be.
func machineKernel() string {
	const installed = "/boot/vmlinuz-*-cloud-amd64"
	files, _ := filepath.Glob(cmp.Or(os.Getenv("KERNEL_AMD64"), installed))
	if files == nil {
		return installed + ", nor one in $KERNEL_AMD64"
	}
	return files[len(files)-1]
}

// bootMachine starts a machine and returns how many milliseconds it took.
func (b *bench) bootMachine(e entry) (float64, error) {
	image, err := b.machineImage(e.suite)
	if err != nil {
		return 0, err
	}
	cmd := exec.Command(e.argv[0], "-accel", "tcg", "-m", "256", "-no-reboot", "-nic", "none", "-display", "none",
		"-monitor", "none", "-serial", "stdio", "-kernel", machineKernel(), "-initrd", image,
		"-append", "console=ttyS0 panic=-1 loglevel=7 printk.devkmsg=on")
	console, err := cmd.StdoutPipe()
	if err != nil {
		return 0, err
	}
	if err := cmd.Start(); err != nil {
		return 0, err
	}
	late := time.AfterFunc(patience, func() { cmd.Process.Kill() })
	defer func() { late.Stop(); cmd.Process.Kill(); cmd.Wait() }()
	return between(console, atInit, atService)
}

// between returns how many milliseconds lie between the stamps of two messages
// of a kernel.
func between(console io.Reader, first, last string) (float64, error) {
	began := 0.0
	for lines := bufio.NewScanner(console); lines.Scan(); {
		switch line := lines.Text(); {
		case strings.Contains(line, first):
			began = stampOf(line)
		case strings.Contains(line, last) && began > 0:
			return (stampOf(line) - began) * 1000, nil
		}
	}
	return 0, errors.New("the machine does not come so far")
}

// stampOf returns the seconds that a message of the kernel begins with: "[
// 1.234567] ".
func stampOf(line string) float64 {
	_, rest, _ := strings.Cut(line, "[")
	stamp, _, _ := strings.Cut(rest, "]")
	seconds, _ := strconv.ParseFloat(strings.TrimSpace(stamp), 64)
	return seconds
}

// machineImage makes the image for a suite, once. That of busybox has what ours
// has, and its own /init besides.
func (b *bench) machineImage(suite string) (string, error) {
	image, tree := b.work+"/"+suite+".xz", b.work+"/"+suite+".root"
	if _, err := os.Stat(image); err == nil {
		return image, nil
	}
	var err error
	for i := range machineServices {
		err = cmp.Or(err, put(fmt.Sprintf("%s/service/%d/run", tree, i),
			"#!/bin/sh\necho '"+atService+"' >/dev/kmsg\nexec /bin/busybox sleep 100000\n"))
	}
	if suite != ours {
		err = cmp.Or(err, addRunit(tree))
	}
	if err != nil {
		return "", err
	}
	archive := exec.Command("go", "run", "./integration/initramfs", "-o", image, b.bin()+"/svscan", busybox, tree)
	archive.Stderr = os.Stderr
	return image, archive.Run()
}

// addRunit puts into a tree all that busybox and runsvdir need to be its init.
func addRunit(tree string) error {
	err := cmp.Or(copyTo(tree+"/init", busybox), put(tree+"/etc/inittab", "::sysinit:/etc/rc\n::respawn:"+runsvdir+" /service\n"),
		put(tree+"/etc/rc", "#!/bin/sh\nb=/bin/busybox\n$b mkdir -p /proc /sys /dev /run\n$b mount -t devtmpfs dev /dev\n"+
			"$b mkdir -p /dev/pts /dev/shm\n$b mount -t proc proc /proc\n$b mount -t sysfs sys /sys\n$b mount -t tmpfs run /run\n"+
			"$b mount -t devpts devpts /dev/pts\n$b mount -t tmpfs shm /dev/shm\n"))
	for _, program := range []string{runsvdir, runsv} {
		libraries, lddErr := exec.Command("ldd", program).Output()
		err = cmp.Or(err, lddErr, copyTo(tree+program, program))
		for _, word := range strings.Fields(string(libraries)) {
			if strings.HasPrefix(word, "/") {
				err = cmp.Or(err, copyTo(tree+word, word))
			}
		}
	}
	return err
}

func copyTo(file, from string) error {
	content, err := os.ReadFile(from)
	return cmp.Or(err, put(file, string(content)))
}

// put makes an executable file, and the directories that lead to it.
func put(file, content string) error {
	return cmp.Or(os.MkdirAll(filepath.Dir(file), 0o755), os.WriteFile(file, []byte(content), 0o755))
}
