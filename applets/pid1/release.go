package pid1

import (
	"os"
	"slices"
	"strconv"
	"strings"
	"unsafe"

	"syn3d/protocol"

	"golang.org/x/sys/unix"
)

// Release lets go of all disks: what is not yet on them is written, swapping
// ends, and every file system is unmounted, or else at least read-only. It may
// take for ever if a disk does not answer.
func Release(warn func(error)) {
	unix.Sync()
	swaps, _ := os.ReadFile("/proc/swaps")
	for _, file := range swapFiles(string(swaps)) {
		if err := swapoff(file); err != nil {
			warn(&protocol.Error{What: "unable to end swapping to " + file, Err: err})
		}
	}
	mounts, _ := os.ReadFile("/proc/mounts")
	for _, dir := range toUnmount(string(mounts)) {
		if err := unmount(dir); err != nil {
			warn(&protocol.Error{What: "unable to make " + dir + " read-only", Err: err})
		}
	}
	unix.Sync()
}

// swapFiles returns the files and devices in the text of /proc/swaps.
func swapFiles(text string) (files []string) {
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, "/") { // other than the heading
			files = append(files, unescape(strings.Fields(line)[0]))
		}
	}
	return files
}

// toUnmount returns the directories in the text of /proc/mounts on which
// something is mounted that could lose data, the newest first.
func toUnmount(text string) (dirs []string) {
	for line := range strings.Lines(text) {
		fields := strings.Fields(line)
		if len(fields) > 2 && !volatile(fields[2]) {
			dirs = append(dirs, unescape(fields[1]))
		}
	}
	slices.Reverse(dirs)
	return dirs
}

// volatile reports whether nothing of a kind of file system outlives the
// kernel.
func volatile(kind string) bool {
	switch kind {
	case "rootfs", "tmpfs", "ramfs", "proc", "sysfs", "devtmpfs", "devpts", "cgroup", "cgroup2",
		"securityfs", "debugfs", "tracefs", "configfs", "bpf", "mqueue", "pstore", "efivarfs":
		return true
	}
	return false
}

// unescape undoes the kernel's \040 for a blank.
func unescape(word string) string {
	before, after, found := strings.Cut(word, `\`)
	if !found || len(after) < 3 {
		return word
	}
	code, err := strconv.ParseUint(after[:3], 8, 8)
	if err != nil {
		return before + `\` + unescape(after)
	}
	return before + string([]byte{byte(code)}) + unescape(after[3:])
}

func swapoff(file string) error {
	name, err := unix.BytePtrFromString(file)
	if err != nil {
		return err
	}
	_, _, errno := unix.Syscall(unix.SYS_SWAPOFF, uintptr(unsafe.Pointer(name)), 0, 0)
	if errno != 0 {
		return errno
	}
	return nil
}

func unmount(dir string) error {
	if unix.Unmount(dir, 0) == nil {
		return nil
	}
	return unix.Mount("", dir, "", unix.MS_REMOUNT|unix.MS_RDONLY, "")
}
