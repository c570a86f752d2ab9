package integration

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync/atomic"
	"testing"

	"golang.org/x/sys/unix"
)

// TestBadFiles puts something else where a supervisor wants its files. It says
// so, and the service beside runs.
func TestBadFiles(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name    string
		prepare func(t *testing.T, dir string) // of the service x
		want    string                         // said by svscan
	}{
		{"supervise is a file", func(t *testing.T, dir string) {
			writeFile(t, dir+"/supervise")
		}, "supervise: fatal: unable to acquire x/supervise/lock: not a directory\n"},
		{"control is a directory", func(t *testing.T, dir string) {
			makeDir(t, dir+"/supervise/control")
		}, "supervise: fatal: unable to write x/supervise/control: is a directory\n"},
		{"ok is a loop", func(t *testing.T, dir string) {
			makeDir(t, dir+"/supervise")
			if err := os.Symlink("ok", dir+"/supervise/ok"); err != nil {
				t.Fatal(err)
			}
		}, "supervise: fatal: unable to read x/supervise/ok: symbolic link loop\n"},
		{"lock is a directory", func(t *testing.T, dir string) {
			makeDir(t, dir+"/supervise/lock")
		}, "supervise: fatal: unable to acquire x/supervise/lock: is a directory\n"},
		{"down is a loop", func(t *testing.T, dir string) {
			if err := os.Symlink("down", dir+"/down"); err != nil {
				t.Fatal(err)
			}
		}, "supervise: fatal: unable to stat x/down: symbolic link loop\n"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			modes(t, func(t *testing.T, options ...string) {
				t.Parallel()
				scan := t.TempDir()
				writeService(t, scan+"/x", forever)
				writeService(t, scan+"/other", forever)
				test.prepare(t, scan+"/x")
				svscan := startSvscan(t, scan, options...)
				awaitUp(t, scan+"/other")
				eventually(t, "svscan says "+test.want, func() bool { return strings.Contains(svscan.said(), test.want) })
			})
		})
	}
}

func writeFile(t *testing.T, name string) {
	t.Helper()
	if err := os.WriteFile(name, nil, 0o644); err != nil {
		t.Fatal(err)
	}
}

func makeDir(t *testing.T, name string) {
	t.Helper()
	if err := os.MkdirAll(name, 0o755); err != nil {
		t.Fatal(err)
	}
}

// TestGarbage fills a control FIFO with what means nothing. The command behind
// it is obeyed.
func TestGarbage(t *testing.T) {
	t.Parallel()
	modes(t, func(t *testing.T, options ...string) {
		t.Parallel()
		scan := t.TempDir()
		writeService(t, scan+"/x", forever)
		writeService(t, scan+"/other", forever)
		startSvscan(t, scan, options...)
		other := awaitUp(t, scan+"/other")
		awaitUp(t, scan+"/x")
		control, err := os.OpenFile(scan+"/x/supervise/control", os.O_WRONLY, 0)
		if err != nil {
			t.Fatal(err)
		}
		defer control.Close()
		if _, err := control.Write(append(bytes.Repeat([]byte("Z\x00\xff\n"), 100_000), 'd')); err != nil {
			t.Fatal(err)
		}
		awaitDown(t, scan+"/x")
		if now := pid(t, scan+"/other"); now != other {
			t.Errorf("the other service is process %d, was %d", now, other)
		}
	})
}

// TestFlood has writers that never stop sending what means nothing. Commands
// are obeyed, of the same service and of others, and memory does not grow.
func TestFlood(t *testing.T) {
	t.Parallel()
	modes(t, func(t *testing.T, options ...string) {
		t.Parallel()
		scan := t.TempDir()
		writeService(t, scan+"/x", forever)
		writeService(t, scan+"/other", forever)
		svscan := startSvscan(t, scan, options...)
		awaitUp(t, scan+"/other")
		awaitUp(t, scan+"/x")
		before := residentMemory(svscan.cmd.Process.Pid)

		const much = 8 << 20
		sent := flood(t, scan+"/x/supervise/control")
		eventually(t, "much has been read", func() bool { return sent.Load() > much })
		for _, name := range []string{"other", "x"} {
			run(t, "/", "svc", "-d", scan+"/"+name)
			awaitDown(t, scan+"/"+name)
			run(t, "/", "svc", "-u", scan+"/"+name)
			awaitUp(t, scan+"/"+name)
		}
		if now := residentMemory(svscan.cmd.Process.Pid); now > before+much {
			t.Errorf("%d bytes of memory in use, before the flood %d", now, before)
		}
	})
}

// flood writes garbage to a FIFO, faster than it can be read, as long as it
// has a reader. It counts the bytes.
func flood(t *testing.T, fifo string) *atomic.Int64 {
	t.Helper()
	var sent atomic.Int64
	garbage := bytes.Repeat([]byte("Z\x00\xff\n"), 10_000)
	for range 4 {
		fd, err := unix.Open(fifo, unix.O_WRONLY|unix.O_CLOEXEC, 0)
		check(t, err)
		go func() { // until svscan has ended
			defer unix.Close(fd)
			for {
				n, err := unix.Write(fd, garbage)
				if err != nil && err != unix.EINTR {
					return
				}
				sent.Add(int64(max(n, 0)))
			}
		}()
	}
	return &sent
}

// residentMemory returns how many bytes of memory a process and all that
// descend from it have in use.
func residentMemory(pid int) (sum int) {
	statm, _ := os.ReadFile(fmt.Sprintf("/proc/%d/statm", pid))
	var size, resident int
	fmt.Sscan(string(statm), &size, &resident)
	sum = resident * os.Getpagesize()
	for _, child := range children(pid) {
		sum += residentMemory(child)
	}
	return sum
}

// TestVanishes removes a service directory while its service runs, and others
// while svscan looks at them. Nothing else is touched.
func TestVanishes(t *testing.T) {
	t.Parallel()
	modes(t, func(t *testing.T, options ...string) {
		t.Parallel()
		scan := t.TempDir()
		writeService(t, scan+"/x", forever)
		writeService(t, scan+"/other", forever)
		svscan := startSvscan(t, scan, options...)
		x, other := awaitSleep(t, scan+"/x"), awaitSleep(t, scan+"/other")

		check(t, os.RemoveAll(scan+"/x"))
		check(t, unix.Kill(x, unix.SIGKILL))
		svscan.awaitSaid("supervise: fatal: unable to start x/run: file does not exist\n")
		for i := range 100 {
			name := fmt.Sprintf("%s/brief%d", scan, i)
			writeService(t, name, forever)
			svscan.signal(unix.SIGHUP)
			// svscan may be making files in it.
			eventually(t, name+" is removed", func() bool { return os.RemoveAll(name) == nil })
		}
		writeService(t, scan+"/last", forever)
		awaitUp(t, scan+"/last")
		if now := pid(t, scan+"/other"); now != other {
			t.Errorf("the other service is process %d, was %d", now, other)
		}
	})
}

// TestReadOnly has services on a file system that cannot be written. One whose
// state is elsewhere runs; the other does when it can be written.
func TestReadOnly(t *testing.T) {
	t.Parallel()
	modes(t, func(t *testing.T, options ...string) {
		t.Parallel()
		scan := t.TempDir()
		mountTmpfs(t, scan, "")
		writeService(t, scan+"/x", forever, "supervise/", "")
		writeService(t, scan+"/other", forever)
		check(t, os.Symlink(t.TempDir()+"/state", scan+"/other/supervise"))
		check(t, unix.Mount("", scan, "", unix.MS_REMOUNT|unix.MS_RDONLY, ""))

		svscan := startSvscan(t, scan, options...)
		awaitUp(t, scan+"/other")
		svscan.awaitSaid("supervise: fatal: unable to acquire x/supervise/lock: read-only file system\n")
		check(t, unix.Mount("", scan, "", unix.MS_REMOUNT, ""))
		awaitUp(t, scan+"/x")
	})
}

// TestLockHeld has somebody else hold the lock: the service is not started
// beside, but taken up when the lock is free.
func TestLockHeld(t *testing.T) {
	t.Parallel()
	modes(t, func(t *testing.T, options ...string) {
		t.Parallel()
		scan := t.TempDir()
		writeService(t, scan+"/x", forever)
		makeDir(t, scan+"/x/supervise")
		lock, err := os.Create(scan + "/x/supervise/lock")
		if err != nil {
			t.Fatal(err)
		}
		if err := unix.Flock(int(lock.Fd()), unix.LOCK_EX); err != nil {
			t.Fatal(err)
		}
		svscan := startSvscan(t, scan, options...)
		const want = "supervise: fatal: unable to acquire x/supervise/lock: temporary failure\n"
		eventually(t, "svscan says "+want, func() bool { return strings.Contains(svscan.said(), want) })
		if up := pid(t, scan+"/x"); up > 0 {
			t.Errorf("the service has been started (%d) although another holds the lock", up)
		}
		lock.Close()
		awaitUp(t, scan+"/x")
	})
}

// TestFullDisk lets a service be restarted while its file system is full. The
// status must tell of the new process.
func TestFullDisk(t *testing.T) {
	t.Parallel()
	modes(t, func(t *testing.T, options ...string) {
		t.Parallel()
		scan := t.TempDir()
		mountTmpfs(t, scan, "size=64k")
		writeService(t, scan+"/x", forever)
		svscan := startSvscan(t, scan, options...)
		before := awaitUp(t, scan+"/x")

		fill(t, scan+"/fill")
		if err := unix.Kill(before, unix.SIGKILL); err != nil {
			t.Fatal(err)
		}
		const want = "supervise: warning: unable to write x/supervise/status.new: out of disk space\n"
		eventually(t, "svscan says "+want, func() bool { return strings.Contains(svscan.said(), want) })
		eventually(t, "the status tells of the new process", func() bool {
			now := pid(t, scan+"/x")
			return now > 0 && now != before && alive(now)
		})
	})
}

// mountTmpfs mounts a file system of its own on dir, which only root can.
func mountTmpfs(t *testing.T, dir, options string) {
	t.Helper()
	err := unix.Mount("tmpfs", dir, "tmpfs", 0, options)
	if errors.Is(err, unix.EPERM) {
		t.Skip("to mount a file system this test needs root")
	}
	check(t, err)
	t.Cleanup(func() { unix.Unmount(dir, unix.MNT_DETACH) })
}

// fill writes until there is no space left.
func fill(t *testing.T, name string) {
	t.Helper()
	file, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	for block := make([]byte, 4096); err == nil; {
		_, err = file.Write(block)
	}
	if !errors.Is(err, unix.ENOSPC) {
		t.Fatal(err)
	}
}

// TestFewDescriptors lets svscan have far fewer descriptors than its services
// need.
func TestFewDescriptors(t *testing.T) {
	t.Parallel()
	modes(t, func(t *testing.T, options ...string) {
		t.Parallel()
		scan := t.TempDir()
		var dirs []string
		for i := range 60 {
			dirs = append(dirs, fmt.Sprintf("%s/s%d", scan, i))
			writeService(t, dirs[i], forever)
		}
		argv := append([]string{"prlimit", "--nofile=100:100", "svscan"}, options...)
		startDaemon(t, "/", append(argv, scan)...)
		for _, dir := range dirs {
			awaitUp(t, dir)
		}
	})
}
