package integration

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// The tools of exec chains, beside the original, in what the golden cases
// leave open because it differs from machine to machine. What nobody tests,
// since the kernel cannot be made to: getrlimit, setrlimit, setgid and setuid
// that fail for root; a wait that fails.

// sameAsOriginal runs shell scripts with the original tools and with ours, as
// root, and compares all that comes out.
func sameAsOriginal(t *testing.T, scripts [][2]string) {
	original(t, "setuidgid")
	needRoot(t)
	readableByAll(t, bin)
	for _, script := range scripts {
		t.Run(script[0], func(t *testing.T) {
			t.Parallel()
			want := runScript(t, "/usr/bin", script[1])
			got := runScript(t, bin, script[1])
			if got != want {
				t.Errorf("%s\nprints\n%s\nwant\n%s", script[1], &got, &want)
			}
		})
	}
}

func needRoot(t *testing.T) {
	t.Helper()
	if os.Geteuid() == 0 {
		return
	}
	if os.Getenv("CI") != "" {
		t.Fatal("this test needs root")
	}
	t.Skip("this test needs root")
}

// runScript runs a shell script that finds the tools of dir first in PATH,
// and their directory in TOOLS. In what it returns, the name of the test's
// own directory is masked.
func runScript(t *testing.T, dir, script string) result {
	t.Helper()
	here := reachableDir(t)
	check(t, os.Symlink(dir, here+"/tools"))
	check(t, os.Mkdir(here+"/work", 0o755))
	r := run(t, here+"/work", "/usr/bin/env", "-i", "PATH="+here+"/tools:"+originalPath, "TOOLS="+here+"/tools",
		"LC_ALL=C", "/bin/sh", "-c", script)
	r.out, r.err = strings.ReplaceAll(r.out, here, "HERE"), strings.ReplaceAll(r.err, here, "HERE")
	return r
}

// Where the number of processes counts, it is that of a user who runs nothing
// else, unlike nobody.
func TestChainTools(t *testing.T) {
	t.Parallel()
	sameAsOriginal(t, [][2]string{
		{"argv0", `for tool in "setuidgid nobody" "envuidgid nobody" "envdir ." softlimit "setlock f" fghack pgrphack; do
			$tool sh -c 'tr "\0" "|" </proc/$$/cmdline' 'a b' ''; done`},
		{"many variables", `mkdir d; for i in $(seq 1000); do echo $i >d/V$i; done; envdir d env`},
		{"every limit", `for l in a c d f l m o p r s t; do for v in 0 1 4096 20 50000000 18446744073709551615 18446744073709551616 18446744073709551626 '' =; do
			case $l$v in *=|*50000000|*15|[cflpr]*|o[24]*|o*26|s*00|t[24]*) echo $l $v; softlimit -$l "$v" cat /proc/self/limits; echo $?; esac; done; done`},
		{"soft limits of memory at the start", `prlimit --as=90000000: softlimit -a = grep address /proc/self/limits
			prlimit --data=100000000: --as=90000000: softlimit -s = cat /proc/self/limits
			prlimit --as=90000000:4000000000 softlimit -m 9000000000 cat /proc/self/limits
			prlimit --as=90000000:4000000000 --data=80000000 pgrphack cat /proc/self/limits
			prlimit --as=3000000000:4000000000 pgrphack cat /proc/self/limits`},
		{"few processes", `softlimit -p 1 setuidgid news true; echo $?; softlimit -p 1 setuidgid news sh -c 'true & wait'; echo $?
			softlimit -p 3 setuidgid news grep -E 'Uid|Threads' /proc/self/status`},
		{"descriptors of fghack", `fghack sh -c 'ls -l /proc/$$/fd' 5</dev/null 9<. | sed 's/.* \([0-9]* -> \)/\1/;s/\[.*/[]/;1d'
			fghack sh -c 'cd /proc/$$/fd; ls -l' 4<&- | sed 's/.* \([0-9]* -> \)/\1/;s/\[.*/[]/;1d'
			prlimit --nofile=12 fghack sh -c 'ls -l /proc/$$/fd' | sed 's/.* \([0-9]* -> \)/\1/;s/\[.*/[]/;1d'
			fghack sh -c 'cat /proc/self/fdinfo/7 | grep flags'`},
		{"a chain of all", `mkdir env; echo bar >env/FOO; : >f; chmod 666 f; echo in | pgrphack softlimit -o 60 -c 0 -d 80000000 envuidgid nobody envdir ./env setlock f setuidgid nobody fghack sh -c '
			cat /proc/self/limits; env | grep -v _=; grep -E "Uid|Gid|Groups" /proc/self/status; cat; exit 5'; echo $?`},
		{"rights are dropped before files are read", `mkdir env; echo bar >env/FOO; chmod 700 env; setuidgid nobody envdir ./env true; chmod 711 env; setuidgid nobody envdir ./env true
			chmod 755 env; chmod 600 env/FOO; setuidgid nobody envdir ./env true; setuidgid nobody setlock ./f true; setuidgid nobody setuidgid nobody true`},
		{"limits that later tools meet", `softlimit -o 3 -f 0 ./nonexistent; prlimit --nofile=30 softlimit -o 10 setlock f softlimit -o = grep open /proc/self/limits; softlimit -f 0 setlock f ls f
			softlimit -p 2 setuidgid uucp softlimit -p = grep processes /proc/self/limits; softlimit -a 90000000 softlimit -a = softlimit -d 70000000 cat /proc/self/limits`},
		{"tools by other names", `ln -s $TOOLS/pgrphack x; pgrphack $TOOLS/pgrphack echo path; mkdir b; ln -s $TOOLS/softlimit b/softlimit; pgrphack ./b/softlimit -c0 echo relative; pgrphack ./b//softlimit -c0 ./nonexistent
			cp $TOOLS/pgrphack b/pgrphack; chmod 700 b/pgrphack; PATH=$PWD/b:$PATH setuidgid nobody pgrphack echo ok; setuidgid nobody ./b/pgrphack echo no`},
	})
}

// What a program inherits must reach it through every tool.
func TestInheritance(t *testing.T) {
	t.Parallel()
	var scripts [][2]string
	for _, tool := range []string{
		"setuidgid nobody", "envuidgid nobody", "envdir e", "softlimit -c 5", "softlimit -a 99000000", "setlock f", "fghack", "pgrphack",
		"pgrphack softlimit -d 99000000 envdir e setlock f setuidgid nobody",
		"softlimit -d 99000000 fghack envdir e setuidgid nobody",
	} {
		for _, situation := range [][2]string{
			{"nothing special", ""},
			{"every signal ignored", "env --ignore-signal"},
			{"some signals ignored", "env --ignore-signal=TERM,PIPE,USR1,SEGV,URG,CHLD"},
			{"signals blocked", "env --block-signal=TERM,PIPE,USR1,SEGV,URG,HUP,PROF,CHLD"},
			{"every signal blocked", "env --block-signal"},
			{"limit of descriptors", "prlimit --nofile=60:100"},
			{"limits of descriptors that are equal", "prlimit --nofile=70"},
			{"limit of the stack", "prlimit --stack=300000"},
			{"limits of memory", "prlimit --as=99000000: --data=80000000:"},
		} {
			scripts = append(scripts, [2]string{tool + ": " + situation[0], `mkdir e; echo value >e/NAME; : >f; chmod 666 f; umask 026; ` +
				situation[1] + ` $TOOLS/` + tool + ` grep -E '^(Sig(Blk|Ign)|ShdPnd|Uid|Gid|Groups|Threads|Umask|Name|Cap|Seccomp|Cpus)' /proc/self/status
				` + situation[1] + ` $TOOLS/` + tool + ` cat /proc/self/limits`})
		}
		for _, redirection := range []string{"", "<&-", ">&-", "2>&-", "<&- >&- 2>&-", "<&- 2>&-", "3</dev/null", "5</dev/null 2>&-"} {
			scripts = append(scripts, [2]string{tool + ": descriptors " + redirection, `mkdir e; : >f; chmod 666 f; : >out; chmod 666 out
				printf '#!/bin/sh\nls -l /proc/$$/fd >out 2>&1' >probe; chmod +x probe; ` + tool + ` ./probe </dev/null 2>/dev/null ` + redirection + `
				echo $?; sed 's/.* \([0-9]* -> \)/\1/;s/\[.*/[]/;s,/tmp/.*/,,;1d' out`})
		}
	}
	sameAsOriginal(t, scripts)
}

// What has to be seen before the Go runtime starts is seen in assembly.
func TestInheritanceElsewhere(t *testing.T) {
	t.Parallel()
	for arch, machine := range map[string]string{"arm64": "aarch64", "arm": "arm"} {
		t.Run(arch, func(t *testing.T) {
			t.Parallel()
			qemu, err := exec.LookPath("qemu-" + machine + "-static")
			if err != nil {
				t.Skip(err)
			}
			dir := t.TempDir()
			build := exec.Command("go", "build", "-tags", "urfave_cli_no_docs", "-o", dir+"/syn3d", "syn3d")
			build.Env = append(os.Environ(), "CGO_ENABLED=0", "GOARCH="+arch)
			if out, err := build.CombinedOutput(); err != nil {
				t.Fatalf("%s%v", out, err)
			}
			script := "ignoring='env --ignore-signal=TERM,PIPE,USR1'; tool='" + qemu + " syn3d pgrphack'\n" +
				"$ignoring $tool grep SigIgn /proc/self/status | tail -c 8; $tool sh -c 'for fd in 0 1 2; do test -e /proc/$$/fd/$fd || echo no $fd; done' <&-"
			want := result{out: "0005200\nno 0\n"} // of signal 32, which C libraries use themselves, nothing
			if got := run(t, dir, "/bin/sh", "-c", script); got != want {
				t.Errorf("%s prints %s, want %s", script, &got, &want)
			}
		})
	}
}

// No shell can hand on an environment like this one.
func TestEnvironmentIsKept(t *testing.T) {
	t.Parallel()
	needRoot(t)
	odd := []string{"A=1", "A=2", "no equals sign", "=", "=x", "", "B=\xff\n", "A=3"}
	for _, s := range installedSuites() {
		for _, tool := range [][]string{{"pgrphack"}, {"setuidgid", "nobody"}, {"softlimit", "-c0"}, {"fghack"}} {
			argv := append(tool, "/usr/bin/env", "-0")
			got := outputIn(t, s.tool(tool[0]), argv, odd)
			if want := strings.Join(odd, "\x00") + "\x00"; got != want {
				t.Errorf("%s %q: environment = %q, want %q", s.name, argv, got, want)
			}
		}
	}
}

// outputIn runs a program with exactly that environment, which os/exec would
// tidy up.
func outputIn(t *testing.T, path string, argv, environ []string) string {
	t.Helper()
	out := createFile(t, filepath.Join(t.TempDir(), "out"))
	pid, err := syscall.ForkExec(path, argv, &syscall.ProcAttr{Env: environ, Files: []uintptr{0, out.Fd(), 2}})
	check(t, err)
	_, err = unix.Wait4(pid, nil, 0, nil)
	check(t, err)
	return contents(t, out)
}

// Who cannot complain dies of PIPE, unless that is ignored.
func TestBrokenStderr(t *testing.T) {
	t.Parallel()
	for _, s := range installedSuites() {
		tool := s.tool("pgrphack")
		for _, test := range []struct {
			argv []string
			code int
		}{
			{[]string{tool, "./nonexistent"}, 128 + int(unix.SIGPIPE)},
			{[]string{"/usr/bin/env", "--ignore-signal=PIPE", tool, "./nonexistent"}, 111},
		} {
			read, write, err := os.Pipe()
			check(t, err)
			read.Close()
			cmd := exec.Command(test.argv[0], test.argv[1:]...)
			cmd.Stderr = write
			cmd.Run() // its error is the code
			write.Close()
			if code := exitCode(cmd.ProcessState); code != test.code {
				t.Errorf("%q ends with %d, want %d", test.argv, code, test.code)
			}
		}
	}
}

// Under limits of memory the runtime must never be caught at wanting more of
// it, whatever its other threads happen to be doing.
func TestSmallMemory(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	check(t, os.WriteFile(dir+"/NAME", []byte("value\n"), 0o644))
	for _, argv := range [][]string{
		{"softlimit", "-m", "6000000", "envdir", dir, "pgrphack", "/bin/true"},
		{"softlimit", "-m", "6000000", "/bin/sh", "-c", "exec pgrphack envdir " + dir + " /bin/true"},
		{"softlimit", "-m", "6000000", "fghack", "pgrphack", "/bin/true"},
	} {
		for range 100 {
			if got := run(t, dir, argv...); got != (result{}) {
				t.Fatalf("%q prints %s", argv, &got)
			}
		}
	}
}

// A tool that waits for long is seen and signalled as the one that it is.
func TestWaitingTool(t *testing.T) {
	t.Parallel()
	needRoot(t)
	readableByAll(t, bin)
	tests := []struct {
		name, before string
		signals      []unix.Signal
		code         int
	}{
		{"killed by USR1", "", []unix.Signal{unix.SIGUSR1}, 128 + 10},
		{"killed by QUIT", "", []unix.Signal{unix.SIGQUIT}, 128 + 3},
		{"not by WINCH", "", []unix.Signal{unix.SIGWINCH, unix.SIGURG, unix.SIGHUP}, 128 + 1},
		{"not by what was ignored", "trap '' TERM USR1 PIPE;", []unix.Signal{unix.SIGTERM, unix.SIGUSR1, unix.SIGPIPE, unix.SIGINT}, 128 + 2},
	}
	for _, s := range installedSuites() {
		for _, test := range tests {
			t.Run(s.name+": "+test.name, func(t *testing.T) {
				t.Parallel()
				dir := reachableDir(t)
				lock, err := os.OpenFile(dir+"/lock", os.O_RDWR|os.O_CREATE, 0o666)
				check(t, err)
				defer lock.Close()
				check(t, lock.Chmod(0o666))
				check(t, unix.Flock(int(lock.Fd()), unix.LOCK_EX))

				waiting := startDaemon(t, dir, "env", "PATH="+s.path, "/bin/sh", "-c", test.before+"exec pgrphack setuidgid nobody setlock lock true")
				eventually(t, "setlock waits", func() bool { return waitsForLock(waiting.cmd.Process.Pid) })
				status, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", waiting.cmd.Process.Pid))
				for _, line := range []string{"Name:\tsetlock\n", "Uid:\t65534\t65534\t65534\t65534\n"} {
					if !strings.Contains(string(status), line) {
						t.Errorf("status of the process = %s, want %q in it", status, line)
					}
				}
				for _, signal := range test.signals {
					waiting.signal(signal)
				}
				if code := waiting.wait(); code != test.code {
					t.Errorf("ends with %d, want %d; has said: %s", code, test.code, waiting.said())
				}
			})
		}
	}
}

func waitsForLock(pid int) bool {
	locks, _ := os.ReadFile("/proc/locks")
	for _, line := range strings.Split(string(locks), "\n") {
		if strings.Contains(line, "-> ") && strings.Contains(line, fmt.Sprintf(" %d ", pid)) {
			return true
		}
	}
	return false
}

// Users that are not in /etc/passwd are those that getent knows. What it says
// is not taken on trust: for a number it finds the user who has it.
func TestGetent(t *testing.T) {
	t.Parallel()
	needRoot(t)
	dir := reachableDir(t)
	check(t, os.WriteFile(dir+"/getent", []byte(`#!/bin/sh
echo "$*" >`+dir+`/asked
case $3 in
directory|4242) echo directory:x:4242:4343:From the directory:/:/bin/sh ;;
broken) echo broken:x:-1:4343::/: ;;
*) exit 2 ;;
esac
`), 0o755))
	tests := []struct {
		name, command string
		want          result
	}{
		{"found", "setuidgid directory id -u", result{out: "4242\n"}},
		{"its group", "setuidgid directory id -G", result{out: "4343\n"}},
		{"ids only", "envuidgid directory sh -c 'echo $UID $GID'", result{out: "4242 4343\n"}},
		{"without standard descriptors", "setuidgid directory sh -c 'id -u >ids' <&- >&- 2>&-; cat ids", result{out: "4242\n"}},
		{"CHLD ignored", "env --ignore-signal=CHLD " + bin + "/setuidgid directory id -u", result{out: "4242\n"}},
		{"a number", "setuidgid 4242 id", result{err: "setuidgid: fatal: unknown account 4242\n", code: 111}},
		{"not found", "setuidgid nobody-knows id", result{err: "setuidgid: fatal: unknown account nobody-knows\n", code: 111}},
		{"no proper entry", "setuidgid broken id", result{err: "setuidgid: fatal: unknown account broken\n", code: 111}},
		{"like an option", "setuidgid --help id; cut -d' ' -f1-3 " + dir + "/asked", result{out: "passwd -- --help\n", err: "setuidgid: fatal: unknown account --help\n"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			work := reachableDir(t)
			check(t, os.Chmod(work, 0o777))
			got := run(t, work, inNamespace("mount --bind "+dir+"/getent /usr/bin/getent", test.command)...)
			if got != test.want {
				t.Errorf("%s prints %s, want %s", test.command, &got, &test.want)
			}
		})
	}
}

// inNamespace returns the command line of a shell script that sees mounts of
// its own.
func inNamespace(mounts, script string) []string {
	return []string{"unshare", "--mount", "/bin/sh", "-c", "set -e; " + mounts + "; set +e; " + script}
}
