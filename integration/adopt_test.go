package integration

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"syn3d/protocol"

	"golang.org/x/sys/unix"
)

// kill kills a daemon as nothing can be prepared for.
func (d *daemon) kill() {
	d.signal(unix.SIGKILL)
	d.wait()
}

// TestAdoption kills a supervisor. The next one takes its service over.
func TestAdoption(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		run    string
		before func(t *testing.T, dir string)
		want   protocol.Want
		text   string // of svstat, after the pid and the seconds
	}{
		{"up", forever, func(*testing.T, string) {}, protocol.WantUp, ""},
		{"up, normally down", forever, func(t *testing.T, dir string) { check(t, os.WriteFile(dir+"/down", nil, 0o644)) },
			protocol.WantUp, ", normally down"},
		{"paused", forever, func(t *testing.T, dir string) { run(t, "/", "svc", "-p", dir) }, protocol.WantUp, ", paused"},
		{"once", forever, func(t *testing.T, dir string) { run(t, "/", "svc", "-o", dir) }, protocol.WantOnce, ""},
		{"on its way down", "#!/bin/sh\n" + stubborn, func(t *testing.T, dir string) { run(t, "/", "svc", "-d", dir) },
			protocol.WantDown, ", want down"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			keepers(t, func(t *testing.T, keep func(*testing.T, string) *daemon) {
				t.Parallel()
				scan := t.TempDir()
				dir := scan + "/x"
				writeService(t, dir, c.run)
				d := keep(t, scan)
				up := awaitSleep(t, dir)
				c.before(t, dir)
				var before protocol.Status
				eventually(t, "the status is as wanted", func() bool {
					text := run(t, "/", "svstat", dir).out
					before, _ = protocol.ReadStatus(dir)
					return before.Want == c.want && strings.HasSuffix(text, " seconds"+c.text+"\n")
				})
				killed := killKeeper(t, d, dir)
				keepAgain(t, d, scan, keep)
				eventually(t, "it is supervised by another one", func() bool {
					holder := lockHolder(t, dir)
					return holder != 0 && holder != killed && protocol.Supervised(dir) == nil
				})
				after, err := protocol.ReadStatus(dir)
				check(t, err)
				if after != before || int(after.Pid) != up {
					t.Errorf("the status is %+v, want that of before, %+v", after, before)
				}

				run(t, "/", "svc", "-ck", dir)
				eventually(t, "the instance ends", func() bool { return !alive(up) })
				if before.Want == protocol.WantUp {
					eventually(t, "there is another one", func() bool { now := pid(t, dir); return now > 0 && now != up })
				} else {
					awaitDown(t, dir)
				}
				detail, err := protocol.ReadDetail(dir)
				check(t, err)
				if exit := detail.LastExit; exit.Signal != unix.SIGKILL && !exit.Unknown {
					t.Errorf("the detail tells of %v, want SIGKILL, or that it is not known", exit)
				}
			})
		})
	}
}

// killKeeper kills what supervises dir, a supervise or a svscan that hosts, and
// returns its pid.
func killKeeper(t *testing.T, d *daemon, dir string) (pid int) {
	t.Helper()
	pid = superviseOf(t, dir)
	if pid == d.cmd.Process.Pid {
		d.kill()
		return pid
	}
	check(t, unix.Kill(pid, unix.SIGKILL))
	return pid
}

// keepAgain starts it again, unless it was a child of svscan, which does.
func keepAgain(t *testing.T, d *daemon, scan string, keep func(*testing.T, string) *daemon) {
	t.Helper()
	if d.ended() {
		keep(t, scan)
	}
}

// superviseOf returns the process that holds the lock of a service directory.
func superviseOf(t *testing.T, dir string) int {
	t.Helper()
	pid := lockHolder(t, dir)
	if pid == 0 {
		t.Fatalf("nobody holds the lock of %s", dir)
	}
	return pid
}

// lockHolder returns it, too, or 0 if there is none.
func lockHolder(t *testing.T, dir string) (pid int) {
	t.Helper()
	var st unix.Stat_t
	if unix.Stat(dir+"/supervise/lock", &st) != nil {
		return 0
	}
	inode := fmt.Sprintf(":%d", st.Ino)
	for _, line := range lines(t, "/proc/locks") {
		fields := strings.Fields(line)
		if len(fields) > 5 && fields[1] == "FLOCK" && strings.HasSuffix(fields[5], inode) {
			fmt.Sscan(fields[4], &pid)
		}
	}
	return pid
}

// TestDiedMeanwhile kills the instance, too, before or after its supervisor.
func TestDiedMeanwhile(t *testing.T) {
	t.Parallel()
	for _, first := range []string{"the service first", "the supervisor first"} {
		t.Run(first, func(t *testing.T) {
			t.Parallel()
			keepers(t, func(t *testing.T, keep func(*testing.T, string) *daemon) {
				t.Parallel()
				scan := t.TempDir()
				dir := scan + "/x"
				writeService(t, dir, forever, "down", "")
				d := keep(t, scan)
				awaitDown(t, dir)
				run(t, "/", "svc", "-u", dir)
				up := awaitUp(t, dir)
				supervisor := superviseOf(t, dir)
				check(t, unix.Kill(supervisor, unix.SIGSTOP))
				if first == "the service first" {
					check(t, unix.Kill(up, unix.SIGKILL))
				}
				check(t, unix.Kill(supervisor, unix.SIGKILL))
				check(t, unix.Kill(up, unix.SIGKILL))
				eventually(t, "both have gone", func() bool { return !alive(up) && !alive(supervisor) })
				if supervisor == d.cmd.Process.Pid {
					d.wait()
				}
				keepAgain(t, d, scan, keep)
				eventually(t, "there is another instance", func() bool { now := pid(t, dir); return now > 0 && now != up })
				detail, err := protocol.ReadDetail(dir)
				check(t, err)
				if !detail.LastExit.Unknown || detail.Restarts != 1 {
					t.Errorf("the detail is %+v, want an unknown exit and a restart", detail)
				}
			})
		})
	}
}

// TestNotTakenOver has a running process that looks like an instance which was
// left, and is none.
func TestNotTakenOver(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		make func(t *testing.T, dir string)
		up   bool // as another process
	}{
		{"of another boot", func(t *testing.T, dir string) { edit(t, dir, "boot=", "boot=x") }, false},
		{"of a copied directory", func(t *testing.T, dir string) {
			check(t, os.CopyFS(dir+".copy", os.DirFS(dir)))
			check(t, os.Rename(dir, dir+".old"))
			check(t, os.Rename(dir+".copy", dir))
		}, false},
		{"of a supervisor that has ended", func(t *testing.T, dir string) { edit(t, dir, "restarts=", "done=1") }, false},
		{"of a pid that was used again", func(t *testing.T, dir string) { edit(t, dir, "start=", "start=1") }, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			scan := t.TempDir()
			dir := scan + "/x"
			writeService(t, dir, forever, "down", "")
			d := startDaemon(t, scan, "supervise", "x")
			awaitDown(t, dir)
			run(t, "/", "svc", "-u", dir)
			up := awaitUp(t, dir)
			d.kill()
			for _, file := range []string{"control", "ok"} { // which cannot be copied
				check(t, os.Remove(dir+"/supervise/"+file))
			}
			c.make(t, dir)
			startDaemon(t, scan, "supervise", "x")
			if !c.up {
				awaitDown(t, dir)
				return
			}
			eventually(t, "there is another instance", func() bool { now := pid(t, dir); return now > 0 && now != up })
		})
	}
}

// edit replaces a line of the detail.
func edit(t *testing.T, dir, key, line string) {
	t.Helper()
	var text string
	for _, old := range lines(t, dir+"/supervise/detail") {
		if strings.HasPrefix(old, key) {
			old = line
		}
		text += old + "\n"
	}
	check(t, os.WriteFile(dir+"/supervise/detail", []byte(text), 0o644))
}

// TestTakenOverFromTheOriginal kills a supervise of daemontools, which leaves a
// status and no detail.
func TestTakenOverFromTheOriginal(t *testing.T) {
	t.Parallel()
	scan := t.TempDir()
	dir := scan + "/x"
	writeService(t, dir, forever)
	d := startDaemon(t, scan, original(t, "supervise"), "x")
	up := awaitSleep(t, dir)
	d.kill()
	next := startDaemon(t, scan, "supervise", "x")
	next.awaitSaid(fmt.Sprintf("supervise: warning: x: taking over pid %d, which another supervisor has left\n", up))
	if got := awaitUp(t, dir); got != up {
		t.Errorf("it is up as %d, want %d", got, up)
	}
	run(t, "/", "svc", "-d", dir)
	awaitDown(t, dir)
}

// TestStartThatWasNotWrittenDown has a supervisor die after it has started the
// service and before it could say so.
func TestStartThatWasNotWrittenDown(t *testing.T) {
	t.Parallel()
	scan := t.TempDir()
	dir := scan + "/x"
	writeService(t, dir, forever)
	d := startDaemon(t, scan, "supervise", "x")
	first := awaitUp(t, dir)
	saved := map[string][]byte{}
	for _, file := range []string{"status", "detail"} {
		content, err := os.ReadFile(dir + "/supervise/" + file)
		check(t, err)
		saved[file] = content
	}
	check(t, unix.Kill(first, unix.SIGKILL))
	var second int
	eventually(t, "it is started again", func() bool { second = pid(t, dir); return second > 0 && second != first })
	d.kill()
	for file, content := range saved {
		check(t, os.WriteFile(dir+"/supervise/"+file, content, 0o644))
	}
	startDaemon(t, scan, "supervise", "x")
	eventually(t, "it is supervised", func() bool { return protocol.Supervised(dir) == nil })
	if got := awaitUp(t, dir); got != second {
		t.Errorf("it is up as %d, want %d", got, second)
	}
	detail, err := protocol.ReadDetail(dir)
	check(t, err)
	if detail.Pid != second {
		t.Errorf("the detail is %+v, want pid %d", detail, second)
	}
}

// TestLeftoverIsNoInstance has a service that an earlier instance has left
// something of: that is not taken for the one that was told to be down.
func TestLeftoverIsNoInstance(t *testing.T) {
	t.Parallel()
	scan := t.TempDir()
	dir := scan + "/x"
	writeService(t, dir, "#!/bin/sh\nsetsid sleep 100001 &\nexec sleep 100000\n")
	d := startDaemon(t, scan, "supervise", "x")
	first := awaitUp(t, dir)
	run(t, "/", "svc", "-t", dir)
	eventually(t, "there is another instance", func() bool { now := pid(t, dir); return now > 0 && now != first })
	run(t, "/", "svc", "-d", dir)
	awaitDown(t, dir)
	d.kill()
	startDaemon(t, scan, "supervise", "x")
	eventually(t, "it is supervised", func() bool { return protocol.Supervised(dir) == nil })
	if got, want := run(t, "/", "svstat", dir).out, " seconds, normally up\n"; pid(t, dir) != 0 || !strings.HasSuffix(got, want) {
		t.Errorf("svstat = %q, want it down", got)
	}
}

// TestLostState takes all away that was written down about a service that
// runs, or makes nonsense of it: it is taken over, and that is said.
func TestLostState(t *testing.T) {
	t.Parallel()
	remove := func(file string) func(t *testing.T, dir string) {
		return func(t *testing.T, dir string) { check(t, os.RemoveAll(dir+"/supervise"+file)) }
	}
	damage := func(file, text string) func(t *testing.T, dir string) {
		return func(t *testing.T, dir string) {
			check(t, os.WriteFile(dir+"/supervise/"+file, []byte(text), 0o644))
		}
	}
	for _, c := range []struct {
		name  string
		lose  func(t *testing.T, dir string)
		known bool // from the rest
	}{
		{"all", remove(""), false},
		{"detail", remove("/detail"), false},
		{"status", remove("/status"), true},
		{"detail is garbage", damage("detail", "\x00\xffpid=1\n\n=\n"), false},
		{"detail is empty", damage("detail", ""), false},
		{"status is garbage", damage("status", "xyz"), true},
		{"another pid namespace", func(t *testing.T, dir string) { edit(t, dir, "namespace=", "namespace=1") }, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			scan := t.TempDir()
			dir := scan + "/x"
			writeService(t, dir, forever)
			d := startDaemon(t, scan, "supervise", "x")
			up := awaitSleep(t, dir)
			d.kill()
			c.lose(t, dir)
			d = startDaemon(t, scan, "supervise", "x")
			eventually(t, "it is supervised", func() bool { return protocol.Supervised(dir) == nil })
			if got := awaitUp(t, dir); got != up {
				t.Errorf("it is up as %d, want %d", got, up)
			}
			if !c.known {
				d.awaitSaid(fmt.Sprintf("supervise: warning: x: taking over pid %d, which another supervisor has left\n", up))
			}
		})
	}
}

// TestLostStateOfMany takes all away that was written down, too, where svscan
// keeps a supervise for each service, and kills that or both.
func TestLostStateOfMany(t *testing.T) {
	for _, both := range []bool{false, true} {
		t.Run(fmt.Sprint("svscan too: ", both), func(t *testing.T) {
			t.Parallel()
			scan := t.TempDir()
			dir := scan + "/x"
			writeService(t, dir, forever, "log/run", "#!/bin/sh\nexec cat\n")
			d := startSvscan(t, scan, "-p")
			up, log := awaitSleep(t, dir), awaitUp(t, dir+"/log")
			d.signal(unix.SIGSTOP)
			for _, dir := range []string{dir, dir + "/log"} {
				supervise := superviseOf(t, dir)
				check(t, unix.Kill(supervise, unix.SIGKILL))
				eventually(t, "it has gone", func() bool { return lockHolder(t, dir) == 0 })
				check(t, os.RemoveAll(dir+"/supervise"))
			}
			if both {
				d.kill()
				d = startSvscan(t, scan, "-p")
			}
			d.signal(unix.SIGCONT)
			if process, ok := protocol.ReadProcess(up); !both && (!ok || process.Parent != d.cmd.Process.Pid) {
				t.Errorf("the parent of the service is %d, want svscan, %d", process.Parent, d.cmd.Process.Pid)
			}
			d.awaitSaid(fmt.Sprintf("supervise: warning: x: taking over pid %d, which another supervisor has left\n", up))
			d.awaitSaid(fmt.Sprintf("supervise: warning: log: taking over pid %d, which another supervisor has left\n", log))
			for dir, want := range map[string]int{dir: up, dir + "/log": log} {
				if got := awaitUp(t, dir); got != want {
					t.Errorf("%s is up as %d, want %d", dir, got, want)
				}
			}
			if environ := procFile(superviseOf(t, dir), "environ"); !strings.Contains(environ, "SYN3D_SEEK=1") {
				t.Errorf("the supervise was not told: %q", environ)
			}
			run(t, "/", "svc", "-t", dir)
			var next int
			eventually(t, "there is another instance", func() bool { next = pid(t, dir); return next > 0 && next != up })
			if environ := procFile(next, "environ"); strings.Contains(environ, "SEEK") {
				t.Errorf("a service is told what is for supervise: %q", environ)
			}
		})
	}
}

// TestTakenOverByItsDirectory has a service directory that was renamed, and
// another one by its name: each keeps its own.
func TestTakenOverByItsDirectory(t *testing.T) {
	t.Parallel()
	scan := t.TempDir()
	writeService(t, scan+"/a", forever)
	d := startSvscan(t, scan)
	renamed := awaitUp(t, scan+"/a")
	check(t, os.Rename(scan+"/a", scan+"/b"))
	writeService(t, scan+"/.a", forever, "down", "")
	check(t, os.Rename(scan+"/.a", scan+"/a"))
	awaitDown(t, scan+"/a")
	awaitScan(t, d, scan)
	d.kill()
	startSvscan(t, scan)
	eventually(t, "both are supervised", func() bool {
		return protocol.Supervised(scan+"/a") == nil && protocol.Supervised(scan+"/b") == nil
	})
	if got := pid(t, scan+"/b"); got != renamed {
		t.Errorf("b is up as %d, want %d", got, renamed)
	}
	if got := pid(t, scan+"/a"); got != 0 {
		t.Errorf("a is up as %d, want it down", got)
	}
}

// TestAdoptedPipe kills svscan again and again while a service talks to its
// log, and both of them end and begin now and then: no line is lost.
func TestAdoptedPipe(t *testing.T) {
	t.Parallel()
	modes(t, func(t *testing.T, options ...string) {
		t.Parallel()
		scan := t.TempDir()
		dir := scan + "/x"
		const each, all = 40, 400
		// Reading byte by byte, it takes no line that it does not write down.
		logger := fmt.Sprintf("#!/bin/sh\nn=0\nwhile [ $n -lt %d ] && read -r line; do echo \"$line\" >>lines; n=$((n+1)); done\n", each)
		talker := fmt.Sprintf("#!/bin/sh\nread -r n <../n || n=0\nend=$((n+%d))\nwhile [ $n -lt $end ]; do\n"+
			"[ $n -lt %d ] && echo line $n; n=$((n+1)); sleep 0.01; done\necho $n >../n\n", each, all)
		writeService(t, dir, talker, "restart-delay", "0\n", "log/run", logger, "log/restart-delay", "0\n")
		check(t, os.WriteFile(scan+"/n", []byte("0\n"), 0o644))
		written := func() int { return len(lines(t, dir+"/log/lines")) }
		for at := 0; at < all-each; at += all / 8 {
			d := startSvscan(t, scan, options...)
			eventually(t, "more lines are written", func() bool { return written() > at })
			d.kill()
		}
		startSvscan(t, scan, options...)
		eventually(t, "all lines are written", func() bool { return written() >= all })
		for i, line := range lines(t, dir+"/log/lines")[:all] {
			if want := fmt.Sprint("line ", i); line != want {
				t.Fatalf("line %d is %q, want %q", i, line, want)
			}
		}
	})
}

// TestLogAddedLater adds a log to a service that has the standard output of
// svscan meanwhile. That is no pipe of theirs: others write into it, too.
func TestLogAddedLater(t *testing.T) {
	t.Parallel()
	modes(t, func(t *testing.T, options ...string) {
		t.Parallel()
		scan := t.TempDir()
		dir := scan + "/x"
		writeService(t, dir, forever)
		d := startSvscan(t, scan, options...)
		up := awaitUp(t, dir)
		writeService(t, dir+"/log", forever)
		d.signal(unix.SIGUSR2)
		theirs := fmt.Sprintf("/proc/%d/fd/0", awaitUp(t, dir+"/log"))
		if got := pid(t, dir); got != up {
			t.Fatalf("the service is up as %d, want %d", got, up)
		}
		of := func(file string) string {
			link, err := os.Readlink(file)
			check(t, err)
			return link
		}
		if got := of(theirs); got == of(fmt.Sprintf("/proc/%d/fd/1", d.cmd.Process.Pid)) {
			t.Errorf("the log reads %s, the standard output of svscan", got)
		}
	})
}
