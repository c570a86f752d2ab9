package pid1

import (
	"os"

	"syn3d/protocol"

	"golang.org/x/sys/unix"
)

// A filesystem is one of the kernel's that programs expect.
type filesystem struct {
	dir, kind string
	flags     uintptr
	options   string
}

// filesystems are in the order in which they are mounted.
func filesystems() []filesystem {
	const data, devices = unix.MS_NOSUID | unix.MS_NODEV, unix.MS_NOSUID | unix.MS_NOEXEC
	return []filesystem{
		{"/proc", "proc", data | devices, ""},
		{"/sys", "sysfs", data | devices, ""},
		{"/dev", "devtmpfs", unix.MS_NOSUID, "mode=0755"},
		{"/dev/pts", "devpts", devices, "mode=0620,gid=5,ptmxmode=0666"}, // 5 is tty everywhere
		{"/dev/shm", "tmpfs", data, "mode=1777"},
		{"/run", "tmpfs", data, "mode=0755"},
	}
}

// mount mounts those of the kernel's file systems that are missing. Without
// the right to, as in a container, they are what they are.
func mount(warn func(error)) {
	for _, fs := range filesystems() {
		if mounted(fs.dir) {
			continue
		}
		os.Mkdir(fs.dir, 0o755)
		err := unix.Mount(fs.kind, fs.dir, fs.kind, fs.flags, fs.options)
		if err != nil && err != unix.EPERM {
			warn(&protocol.Error{What: "unable to mount " + fs.dir, Err: err})
		}
	}
}

// mounted reports whether something is mounted on a directory. Bind mounts
// within one file system go unnoticed.
func mounted(dir string) bool {
	var here, above unix.Stat_t
	if unix.Stat(dir, &here) != nil || unix.Stat(dir+"/..", &above) != nil {
		return false
	}
	return here.Dev != above.Dev
}
