package integration

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

func TestScanStartsAndStops(t *testing.T) {
	t.Parallel()
	modes(t, func(t *testing.T, options ...string) {
		t.Parallel()
		scan := t.TempDir()
		writeService(t, scan+"/a", forever)
		writeService(t, scan+"/b", forever, "down", "")
		svscan := startSvscan(t, scan, options...)

		up := awaitUp(t, scan+"/a")
		awaitDown(t, scan+"/b")
		svscan.signal(unix.SIGTERM)
		if code := svscan.wait(); code != 0 {
			t.Errorf("svscan ends with %d on TERM, want 0", code)
		}
		if alive(up) {
			t.Errorf("process %d survives svscan", up)
		}
	})
}

// TestScanRules has one entry of each kind in a scan directory.
func TestScanRules(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name   string
		set    func(t *testing.T, scan string) // makes scan/x, or nothing
		want   bool                            // is scan/x/run to run?
		warned string                          // once, however often it is scanned
	}{
		{"directory", func(t *testing.T, scan string) {
			writeService(t, scan+"/x", forever)
		}, true, ""},
		{"link to a directory", func(t *testing.T, scan string) {
			writeService(t, scan+"/.target", forever)
			check(t, os.Symlink(".target", scan+"/x"))
		}, true, ""},
		{"link to a link to a directory", func(t *testing.T, scan string) {
			writeService(t, scan+"/.target", forever)
			check(t, os.Symlink(".target", scan+"/.link"))
			check(t, os.Symlink(scan+"/.link", scan+"/x"))
		}, true, ""},
		{"file", func(t *testing.T, scan string) {
			check(t, os.WriteFile(scan+"/x", nil, 0o755))
		}, false, ""},
		{"link to a file", func(t *testing.T, scan string) {
			check(t, os.Symlink("/bin/sh", scan+"/x"))
		}, false, ""},
		{"FIFO", func(t *testing.T, scan string) {
			check(t, unix.Mkfifo(scan+"/x", 0o644))
		}, false, ""},
		{"link to nothing", func(t *testing.T, scan string) {
			check(t, os.Symlink("nothing", scan+"/x"))
		}, false, "svscan: warning: unable to stat x: file does not exist\n"},
		{"link to itself", func(t *testing.T, scan string) {
			check(t, os.Symlink("x", scan+"/x"))
		}, false, "svscan: warning: unable to stat x: symbolic link loop\n"},
		{"log is a link to itself", func(t *testing.T, scan string) {
			writeService(t, scan+"/x", forever)
			check(t, os.Symlink("log", scan+"/x/log"))
		}, false, "svscan: warning: unable to stat x/log: symbolic link loop\n"},
		{"log is a link to nothing", func(t *testing.T, scan string) {
			writeService(t, scan+"/x", forever)
			check(t, os.Symlink("nothing", scan+"/x/log"))
		}, true, ""},
		{"log is a file", func(t *testing.T, scan string) {
			writeService(t, scan+"/x", forever, "log", "")
		}, true, "unable to chdir to "},
		{"log is a link to a directory", func(t *testing.T, scan string) {
			writeService(t, scan+"/x", forever)
			writeService(t, scan+"/.log", forever)
			check(t, os.Symlink("../.log", scan+"/x/log"))
		}, true, ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			modes(t, func(t *testing.T, options ...string) {
				t.Parallel()
				scan := t.TempDir()
				c.set(t, scan)
				svscan := startSvscan(t, scan, options...)
				awaitScan(t, svscan, scan)
				awaitScan(t, svscan, scan)

				if c.want {
					awaitUp(t, scan+"/x")
				} else if got := pid(t, scan+"/x"); got != -1 {
					t.Errorf("pid(x) = %d, want it not to be supervised", got)
				}
				if got := svscan.said(); !saidOnce(got, c.warned) {
					t.Errorf("svscan says %q, want once %q", got, c.warned)
				}
			})
		})
	}
}

// saidOnce reports whether said is one message that has text in it; none if
// text is empty.
func saidOnce(said, text string) bool {
	if text == "" {
		return said == ""
	}
	return strings.Count(said, "\n") == 1 && strings.Contains(said, text)
}

// TestScanNames has names that a directory may have, however odd. Those that
// begin with a dot are left alone.
func TestScanNames(t *testing.T) {
	t.Parallel()
	modes(t, func(t *testing.T, options ...string) {
		t.Parallel()
		scan := t.TempDir()
		names := []string{"a", "two words", " ", "-p", "line\nbreak", "\xff\xfe", "'\"\\$*", strings.Repeat("n", 255), "log", "x.", "supervise"}
		for _, name := range append(names, ".a", "...") {
			writeService(t, scan+"/"+name, forever, "log/run", "#!/bin/sh\nexec cat\n")
		}
		svscan := startSvscan(t, scan, options...)
		for _, name := range names {
			awaitUp(t, scan+"/"+name)
			awaitUp(t, scan+"/"+name+"/log")
		}
		for _, name := range []string{".a", "..."} {
			if got := pid(t, scan+"/"+name); got != -1 {
				t.Errorf("pid(%q) = %d, want it not to be supervised", name, got)
			}
		}
		if got := svscan.said(); got != "" {
			t.Errorf("svscan says %q, want nothing", got)
		}
	})
}

// TestScanOneDirectoryOnce has several names for one service.
func TestScanOneDirectoryOnce(t *testing.T) {
	t.Parallel()
	modes(t, func(t *testing.T, options ...string) {
		t.Parallel()
		scan, target, journal := t.TempDir(), t.TempDir(), t.TempDir()+"/journal"
		writeService(t, target, witness(journal, untilTold))
		check(t, os.Symlink(target, scan+"/a"))
		check(t, os.Symlink(target, scan+"/b"))
		svscan := startSvscan(t, scan, options...)
		up := awaitSleep(t, scan+"/a")
		check(t, os.Symlink(target, scan+"/c"))
		awaitScan(t, svscan, scan)
		check(t, os.Remove(scan+"/a"))
		awaitScan(t, svscan, scan)

		if got := fmt.Sprint(starts(t, journal)); got != fmt.Sprint([]int{up}) {
			t.Errorf("started as %s, want only %d", got, up)
		}
		if got := svscan.said(); got != "" {
			t.Errorf("svscan says %q, want nothing", got)
		}
	})
}

// TestScanNotices has service directories appear while svscan runs. That it
// does not find them by looking now and then is for TestIdle to show.
func TestScanNotices(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name   string
		before func(t *testing.T, scan string)
		appear func(t *testing.T, scan string) // makes scan/x and scan/x/log
	}{
		{"made in place", nothingYet, func(t *testing.T, scan string) {
			writeService(t, scan+"/x", forever, "log/run", forever)
		}},
		{"renamed from a dot name", nothingYet, func(t *testing.T, scan string) {
			writeService(t, scan+"/.x", forever, "log/run", forever)
			check(t, os.Rename(scan+"/.x", scan+"/x"))
		}},
		{"linked", nothingYet, func(t *testing.T, scan string) {
			writeService(t, scan+"/.x", forever, "log/run", forever)
			check(t, os.Symlink(".x", scan+"/x"))
		}},
		{"target of a link made", danglingX, func(t *testing.T, scan string) {
			writeService(t, scan+"/.x", forever, "log/run", forever)
		}},
		{"target of a link renamed", danglingX, func(t *testing.T, scan string) {
			writeService(t, scan+"/.y", forever, "log/run", forever)
			check(t, os.Rename(scan+"/.y", scan+"/.x"))
		}},
		{"file turned into a directory", func(t *testing.T, scan string) {
			check(t, os.WriteFile(scan+"/x", nil, 0o644))
		}, func(t *testing.T, scan string) {
			check(t, os.Remove(scan+"/x"))
			writeService(t, scan+"/x", forever, "log/run", forever)
		}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			modes(t, func(t *testing.T, options ...string) {
				t.Parallel()
				scan := t.TempDir()
				c.before(t, scan)
				writeService(t, scan+"/other", forever)
				startSvscan(t, scan, options...)
				// The first scan is over then. To ask for one would not do: it
				// takes what is only being made.
				awaitUp(t, scan+"/other")
				c.appear(t, scan)
				awaitUp(t, scan+"/x")
				awaitUp(t, scan+"/x/log")
			})
		})
	}
}

func nothingYet(*testing.T, string) {}

func danglingX(t *testing.T, scan string) { check(t, os.Symlink(".x", scan+"/x")) }

// TestIdle sees svscan and all that it keeps sleep, undisturbed, for longer
// than the original takes from scan to scan.
func TestIdle(t *testing.T) {
	modes(t, func(t *testing.T, options ...string) {
		t.Parallel()
		scan, target := t.TempDir(), t.TempDir()
		writeService(t, scan+"/a", forever, "log/run", "#!/bin/sh\nexec cat\n")
		writeService(t, scan+"/b", forever, "down", "")
		writeService(t, target, forever)
		check(t, os.Symlink(target, scan+"/c"))
		svscan := startSvscan(t, scan, options...)
		awaitUp(t, scan+"/a")
		awaitUp(t, scan+"/c")
		eventually(t, "6 seconds without a wake-up", func() bool {
			before := wakeups(svscan.cmd.Process.Pid)
			time.Sleep(6 * time.Second)
			return wakeups(svscan.cmd.Process.Pid) == before
		})
	})
}

// wakeups returns how often a process and all that descend from it have
// given up the processor by now.
func wakeups(pid int) (sum int) {
	tasks, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/status", pid))
	for _, file := range tasks {
		status, _ := os.ReadFile(file)
		_, count, _ := strings.Cut(string(status), "\nvoluntary_ctxt_switches:\t")
		var n int
		fmt.Sscan(count, &n)
		sum += n
	}
	for _, child := range children(pid) {
		sum += wakeups(child)
	}
	return sum
}

// TestScanWithoutInotify takes inotify away. A service that is linked in is
// then found by looking.
func TestScanWithoutInotify(t *testing.T) {
	t.Parallel()
	modes(t, func(t *testing.T, options ...string) {
		t.Parallel()
		inUserNamespace := []string{"unshare", "--user", "--map-root-user", "sh", "-c",
			"echo 0 >/proc/sys/user/max_inotify_instances && exec svscan \"$@\"", "sh"}
		if r := run(t, "/", "unshare", "--user", "--map-root-user", "true"); r.code != 0 {
			t.Skipf("no user namespaces here: %s", r.err)
		}
		scan := t.TempDir()
		writeService(t, scan+"/.x", forever)
		svscan := startDaemon(t, "/", append(append(inUserNamespace, options...), scan)...)
		const want = "svscan: warning: unable to watch for changes, looking every 5 seconds: process cannot open more files\n"
		eventually(t, "svscan says that it has no inotify", func() bool { return svscan.said() == want })
		check(t, os.Symlink(".x", scan+"/x"))
		awaitUp(t, scan+"/x")
		if got := svscan.said(); got != want {
			t.Errorf("svscan says %q, want only %q", got, want)
		}
	})
}

// TestScanRescans sends the signals that mean: scan now. They overrule the
// rule that a directory which is being made is left alone.
func TestScanRescans(t *testing.T) {
	t.Parallel()
	for _, s := range []unix.Signal{unix.SIGHUP, unix.SIGALRM} {
		t.Run(unix.SignalName(s), func(t *testing.T) {
			t.Parallel()
			modes(t, func(t *testing.T, options ...string) {
				t.Parallel()
				scan := t.TempDir()
				writeService(t, scan+"/first", forever)
				svscan := startSvscan(t, scan, options...)
				awaitUp(t, scan+"/first")
				// It never comes to rest: nothing but the signal gets it started.
				writeService(t, scan+"/x", forever)
				eventually(t, "x is taken", func() bool {
					check(t, os.WriteFile(fmt.Sprintf("%s/x/%d", scan, time.Now().UnixNano()), nil, 0o644))
					svscan.signal(s)
					return pid(t, scan+"/x") > 0
				})
			})
		})
	}
}

// TestScanForgets removes a service from the scan directory: it runs on until
// svc -dx ends it and its log, and stays away until it is there again.
func TestScanForgets(t *testing.T) {
	t.Parallel()
	ways := map[string]func(t *testing.T, scan string){
		"link removed":              func(t *testing.T, scan string) { check(t, os.Remove(scan+"/x")) },
		"link renamed to a dot":     func(t *testing.T, scan string) { check(t, os.Rename(scan+"/x", scan+"/.x")) },
		"link turned to a file":     func(t *testing.T, scan string) { relink(t, "/bin/sh", scan+"/x") },
		"link turned to nothing":    func(t *testing.T, scan string) { relink(t, "nothing", scan+"/x") },
		"link moved out of the way": func(t *testing.T, scan string) { check(t, os.Rename(scan+"/x", scan+"/../x")) },
	}
	for name, forget := range ways {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			modes(t, func(t *testing.T, options ...string) {
				t.Parallel()
				base := t.TempDir()
				scan, target, journal := base+"/scan", base+"/target", base+"/journal"
				writeService(t, target, witness(journal, untilTold), "log/run", "#!/bin/sh\nexec cat\n")
				check(t, os.Mkdir(scan, 0o755))
				check(t, os.Symlink(target, scan+"/x"))
				svscan := startSvscan(t, scan, options...)
				up := awaitSleep(t, target)

				forget(t, scan)
				awaitScan(t, svscan, scan)
				if got := pid(t, target); got != up {
					t.Errorf("pid = %d after the link has gone, want %d as before", got, up)
				}
				run(t, "/", "svc", "-dx", target, target+"/log")
				eventually(t, "neither is supervised", func() bool {
					return pid(t, target) == -1 && pid(t, target+"/log") == -1
				})
				awaitScan(t, svscan, scan)
				if got := starts(t, journal); len(got) != 1 {
					t.Errorf("started as %v, want only %d", got, up)
				}
				relink(t, target, scan+"/x")
				if again := awaitSleep(t, target); again == up {
					t.Errorf("pid = %d, want another one", again)
				}
				awaitUp(t, target+"/log")
			})
		})
	}
}

// relink makes name a link to target, be there already something or not.
func relink(t *testing.T, target, name string) {
	t.Helper()
	check(t, os.Symlink(target, name+".new"))
	check(t, os.Rename(name+".new", name))
}

// TestScanExitsAndReturns ends a supervise whose directory is still there:
// another one is started, which starts the service.
func TestScanExitsAndReturns(t *testing.T) {
	t.Parallel()
	modes(t, func(t *testing.T, options ...string) {
		t.Parallel()
		scan, journal := t.TempDir(), t.TempDir()+"/journal"
		writeService(t, scan+"/x", witness(journal, untilTold))
		startSvscan(t, scan, options...)
		up := awaitSleep(t, scan+"/x")
		run(t, "/", "svc", "-dx", scan+"/x")
		eventually(t, "another instance", func() bool { now := pid(t, scan+"/x"); return now > 0 && now != up })
		awaitSleep(t, scan+"/x")
		if got := starts(t, journal); len(got) != 2 {
			t.Errorf("started as %v, want two", got)
		}
	})
}

// TestScanRenames gives services other names. That changes nothing for them.
func TestScanRenames(t *testing.T) {
	t.Parallel()
	modes(t, func(t *testing.T, options ...string) {
		t.Parallel()
		scan := t.TempDir()
		for _, name := range []string{"a", "b", "c"} {
			writeService(t, scan+"/"+name, forever)
		}
		svscan := startSvscan(t, scan, options...)
		a, b, c := awaitSleep(t, scan+"/a"), awaitSleep(t, scan+"/b"), awaitSleep(t, scan+"/c")
		check(t, unix.Renameat2(unix.AT_FDCWD, scan+"/a", unix.AT_FDCWD, scan+"/b", unix.RENAME_EXCHANGE))
		check(t, os.Rename(scan+"/c", scan+"/d"))
		awaitScan(t, svscan, scan)
		for name, want := range map[string]int{"a": b, "b": a, "d": c} {
			if got := pid(t, scan+"/"+name); got != want {
				t.Errorf("pid(%s) = %d, want %d", name, got, want)
			}
		}
		if got := svscan.said(); got != "" {
			t.Errorf("svscan says %q, want nothing", got)
		}
		unix.Kill(c, unix.SIGKILL)
		eventually(t, "d returns", func() bool { now := pid(t, scan+"/d"); return now > 0 && now != c })
	})
}
