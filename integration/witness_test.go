package integration

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// startSvscan starts svscan on the directory scan.
func startSvscan(t *testing.T, scan string, options ...string) *daemon {
	t.Helper()
	return startDaemon(t, "/", append(append([]string{"svscan"}, options...), scan)...)
}

// witness returns a run script that tells in the file journal of each
// instance of a service, and of any that begins before another has ended:
// a lock, which a process keeps for as long as it lives, shows that. A child of
// an instance that was killed may have it for a moment longer. What follows has
// to end with an exec, or in the shell itself.
func witness(journal, rest string) string {
	return "#!/bin/sh\n" +
		"exec 9>>'" + journal + ".lock'\n" +
		"flock -w 3 9 || echo overlap $$ >>'" + journal + "'\n" +
		"echo start $$ >>'" + journal + "'\n" + rest
}

const (
	untilTold = "exec sleep 100000\n"
	stubborn  = "trap '' TERM\nexec sleep 100000\n"
)

// starts returns the processes that a journal of witness tells of. No two of
// them may have lived at once.
func starts(t *testing.T, journal string) (pids []int) {
	t.Helper()
	for _, line := range lines(t, journal) {
		event, n, _ := strings.Cut(line, " ")
		pid, err := strconv.Atoi(n)
		if event != "start" || err != nil {
			t.Errorf("%s: %q, want only starts", journal, line)
		}
		pids = append(pids, pid)
	}
	return pids
}

// lines returns the lines of a file, none if there is no such file.
func lines(t *testing.T, file string) []string {
	t.Helper()
	content, err := os.ReadFile(file)
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	if len(content) == 0 {
		return nil
	}
	return strings.Split(strings.TrimSuffix(string(content), "\n"), "\n")
}

// numbered returns n different lines.
func numbered(word string, n int) []string {
	all := make([]string, n)
	for i := range all {
		all[i] = fmt.Sprintf("%s-%04d", word, i)
	}
	return all
}

// missing returns those of want that are in no line of a file.
func missing(t *testing.T, file string, want []string) (absent []string) {
	t.Helper()
	content := strings.Join(lines(t, file), "\n")
	for _, word := range want {
		if !strings.Contains(content, word) {
			absent = append(absent, word)
		}
	}
	return absent
}

// awaitSleep waits until a service has come so far in its run script as to
// execute sleep, and returns its process.
func awaitSleep(t *testing.T, dir string) (up int) {
	t.Helper()
	eventually(t, dir+" sleeps", func() bool {
		up = pid(t, dir)
		comm, _ := os.ReadFile(fmt.Sprintf("/proc/%d/comm", up))
		return string(comm) == "sleep\n"
	})
	return up
}

// processesIn returns the processes named comm by their working directory.
func processesIn(comm string) map[string][]int {
	found := map[string][]int{}
	names, _ := filepath.Glob("/proc/[0-9]*/comm")
	for _, file := range names {
		name, _ := os.ReadFile(file)
		if string(name) != comm+"\n" {
			continue
		}
		cwd, err := os.Readlink(filepath.Dir(file) + "/cwd")
		if err != nil {
			continue // it has just ended
		}
		pid, _ := strconv.Atoi(strings.Split(file, "/")[2])
		found[cwd] = append(found[cwd], pid)
	}
	return found
}

// awaitArgument waits until a service runs sleep with that argument.
func awaitArgument(t *testing.T, dir, argument string) (up int) {
	t.Helper()
	eventually(t, dir+" sleeps "+argument, func() bool {
		up = pid(t, dir)
		cmdline, _ := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", up))
		return string(cmdline) == "sleep\x00"+argument+"\x00"
	})
	return up
}

// awaitScan makes svscan scan, and waits until it has found what was there
// before: a service that was made after it runs then.
func awaitScan(t *testing.T, svscan *daemon, scan string) {
	t.Helper()
	probe := t.TempDir()
	writeService(t, probe, "#!/bin/sh\n: >ran\n"+untilTold)
	link := scan + "/probe" + filepath.Base(probe)
	check(t, os.Symlink(probe, link))
	eventually(t, "svscan catches ALRM", func() bool { return catches(svscan.cmd.Process.Pid, unix.SIGALRM) })
	svscan.signal(unix.SIGALRM)
	eventually(t, "svscan has scanned", func() bool { return exists(probe + "/ran") })
	check(t, os.Remove(link))
}

// catches reports whether a process catches a signal: one that has just been
// started would die of it.
func catches(pid int, s unix.Signal) bool {
	status, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	_, mask, _ := strings.Cut(string(status), "\nSigCgt:\t")
	var caught uint64
	fmt.Sscanf(mask, "%x", &caught)
	return caught&(1<<(s-1)) != 0
}

func exists(file string) bool {
	_, err := os.Lstat(file)
	return err == nil
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// keepers runs test once with each program that keeps services running: keep
// starts it, for the service x in the directory scan.
func keepers(t *testing.T, test func(t *testing.T, keep func(t *testing.T, scan string) *daemon)) {
	t.Run("hosted", func(t *testing.T) {
		test(t, func(t *testing.T, scan string) *daemon { return startSvscan(t, scan) })
	})
	t.Run("forked", func(t *testing.T) {
		test(t, func(t *testing.T, scan string) *daemon { return startSvscan(t, scan, "-p") })
	})
	t.Run("alone", func(t *testing.T) {
		test(t, func(t *testing.T, scan string) *daemon { return startDaemon(t, scan, "supervise", "x") })
	})
}
