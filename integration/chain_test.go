package integration

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// The tools of exec chains, beside the original. What is not tested here:
// softlimit's getrlimit and setrlimit failing, setid failing for root, wait
// failing: the kernel cannot be made to.

// sameAsOriginal runs shell scripts with the original tools and with ours, as
// root and each in a directory of its own that every user can enter, and
// compares all that comes out.
func sameAsOriginal(t *testing.T, scripts [][2]string) {
	original(t, "setuidgid")
	needRoot(t)
	if err := os.Chmod(bin, 0o755); err != nil {
		t.Fatal(err)
	}
	for _, script := range scripts {
		t.Run(script[0], func(t *testing.T) {
			want := runScript(t, "/usr/bin", script[1])
			got := runScript(t, bin, script[1])
			if got != want {
				t.Errorf("%s\n got %+v\nwant %+v", script[1], got, want)
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

// publicDir returns a new directory that every user can enter.
func publicDir(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.Chmod(filepath.Dir(dir), 0o755); err != nil {
		t.Fatal(err)
	}
	return dir
}

// runScript runs a shell script that finds the tools of dir first in PATH,
// and their directory in TOOLS. In what it returns, the name of the test's
// own directory is masked.
func runScript(t *testing.T, dir, script string) result {
	t.Helper()
	here := publicDir(t)
	if err := os.Symlink(dir, here+"/tools"); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(here+"/work", 0o755); err != nil {
		t.Fatal(err)
	}
	r := run(t, here+"/work", "/usr/bin/env", "-i", "PATH="+here+"/tools:/usr/bin:/bin", "TOOLS="+here+"/tools",
		"LC_ALL=C", "/bin/sh", "-c", script)
	r.out, r.err = strings.ReplaceAll(r.out, here, "HERE"), strings.ReplaceAll(r.err, here, "HERE")
	return r
}

func TestChainTools(t *testing.T) {
	sameAsOriginal(t, [][2]string{
		{"usage", `for tool in setuidgid envuidgid envdir softlimit setlock fghack pgrphack readproctitle; do
			$tool </dev/null; echo $?; $tool nobody </dev/null; echo $?; $tool --help </dev/null; echo $?; done`},
		{"argv0", `for tool in "setuidgid nobody" "envuidgid nobody" "envdir ." softlimit "setlock f" fghack pgrphack; do
			$tool sh -c 'tr "\0" "|" </proc/$$/cmdline' 'a b' ''; done`},

		{"setuidgid: drops everything", `setuidgid nobody grep -E '^(Uid|Gid|Groups|Cap)' /proc/self/status`},
		{"setuidgid: only the primary group", `setuidgid www-data id`},
		{"setuidgid: accounts", `for a in nosuchuser 65534 '' : nobody: ' nobody' -nobody +nobody 'a
b'; do setuidgid "$a" true; echo $?; done`},
		{"setuidgid: not root", `setuidgid daemon setuidgid daemon id; setuidgid daemon setuidgid root id`},
		{"setuidgid: looks for the program as the user", `mkdir secret; cp /bin/echo secret; chmod 700 secret
			PATH=$PWD/secret:$PATH setuidgid nobody echo hi; setuidgid nobody ./secret/echo hi`},
		{"setuidgid: environment", `HOME=/x USER=y setuidgid nobody env | grep -v ^_`},

		{"envuidgid: no ids change", `envuidgid nobody id -u; envuidgid nosuchuser true; envuidgid root ./nonexistent`},
		{"envuidgid: order", `env -i A=1 UID=7 GID=8 B=2 C=3 $TOOLS/envuidgid nobody /usr/bin/env
			env -i UID=7 $TOOLS/envuidgid nobody /usr/bin/env; env -i GID=1 UID=7 Z=0 $TOOLS/envuidgid www-data /usr/bin/env`},

		{"envdir: values", `mkdir d; printf 'v \t\nignored\n' >d/A; : >d/B; echo >d/C; printf 'x\0y' >d/D; printf n >d/.E
			printf '\0 ' >d/F; printf ' \r\nx' >d/G; printf '\t \t' >d/H; printf 'a=b=c' >d/I; printf '\377\200' >d/J
			env -i B=1 Z=z A=0 $TOOLS/envdir d /usr/bin/env -0 | sort -z | tr '\n\0' '!\n'`},
		{"envdir: order", `mkdir d; for i in 1 2 3 4 5 6 7 8 9; do echo $i >d/V$i; done; : >d/V4
			env -i V9=a V8=b X=1 V4=c Y=2 V1=d $TOOLS/envdir d /usr/bin/env`},
		{"envdir: equals sign in a name", `mkdir d; printf B >d/A=X; env -i A=0 $TOOLS/envdir d /usr/bin/env
			: >d/A=X; env -i A=0 $TOOLS/envdir d /usr/bin/env; printf C >'d/=X'; env -i A=0 =1 $TOOLS/envdir d /usr/bin/env`},
		{"envdir: long value", `mkdir d; head -c 100000 /dev/zero | tr '\0' x >d/A; envdir d sh -c 'echo ${#A}'
			head -c 200000 /dev/zero | tr '\0' x >d/A; envdir d true`},
		{"envdir: many files", `mkdir d; for i in $(seq 1000); do echo $i >d/V$i; done; envdir d env | sort`},
		{"envdir: failures", `envdir nonex true; echo $?; : >f; envdir f true; echo $?; mkdir d d/SUB; envdir d true; echo $?
			rmdir d/SUB; ln -s x d/x; envdir d true; echo $?; rm d/x; echo x >d/A; chmod 0 d/A
			setuidgid nobody envdir d true; echo $?; chmod 711 d; setuidgid nobody envdir d true; echo $?
			chmod 700 d; setuidgid nobody envdir d true; echo $?; envdir '' true; envdir d/ ./nonex`},
		{"envdir: directory unreadable", `mkdir d here; chmod 711 here; cd here; setuidgid nobody envdir ../d true`},
		{"envdir: fifo", `mkdir d; mkfifo d/A; A=1 envdir d env | grep ^A; sleep 9 >d/A <d/A & 
			exec 3<>d/A; envdir d true; kill $!`},
		{"envdir: dangling link alone", `mkdir d; ln -s nowhere d/A; env -i A=1 $TOOLS/envdir d /usr/bin/env`},
		{"envdir: too much", `mkdir d; for i in $(seq 60); do head -c 130000 /dev/zero | tr '\0' x >d/V$i; done
			envdir d true; envdir d $TOOLS/envdir d true; envdir d nonex; (ulimit -s 16; envdir d pgrphack true)`},
		{"envdir: PATH", `mkdir d; echo /nonexistent >d/PATH; envdir d echo hi; envdir d sh -c 'echo $PATH'; envdir d $TOOLS/pgrphack sh
			envdir d $TOOLS/envdir d echo; mkdir e; : >e/PATH; envdir e $TOOLS/pgrphack echo default`},

		{"softlimit: options", `softlimit -c0; softlimit -z true; softlimit -o5 -c; softlimit -c 1x true; softlimit -c -1 true
			softlimit --x echo hi; softlimit -- echo -c hi; softlimit - true; softlimit -c; softlimit -c0z true; softlimit -c0 -z true
			softlimit -c ' 1' true; softlimit -c +1 true; softlimit -c 0x1 true; softlimit -c1k true; softlimit -ccc true; softlimit -cc echo -c`},
		{"softlimit: no program", `softlimit -p0 ./nonexistent; softlimit -o 50 ''; softlimit -a 100000 ./nonexistent; echo $?`},
		{"softlimit: each", `for l in a c d f l m o p r s t; do for v in 0 1 4096 20 50000000 18446744073709551615 18446744073709551616 18446744073709551626 '' =; do
			case $l$v in [adm][014]*|[adms]20|[adms]|[adms]18446744073709551616|[adms]18446744073709551626|s[014]*|[o][01]|o|o18446744073709551616|t[01]|t|t18446744073709551616) continue;; esac
			echo $l $v; softlimit -$l "$v" cat /proc/self/limits; echo $?; done; done`},
		{"softlimit: hard limits", `for l in 10:20 0:0 20:20; do for v in = 5 99 ''; do prlimit --core=$l softlimit -c "$v" grep core /proc/self/limits
			prlimit --nofile=10:20 softlimit -o "$v" grep open /proc/self/limits; done; done
			prlimit --as=100000000: softlimit -a = grep address /proc/self/limits
			prlimit --data=100000000: --as=90000000: softlimit -s = cat /proc/self/limits
			prlimit --as=100000000:4000000000 softlimit -m 9000000000 cat /proc/self/limits`},
		{"softlimit: the last wins", `softlimit -m 100000000 -d 50000000 -l 3 -a 90000000 cat /proc/self/limits
			softlimit -d 50000000 -m 100000000 cat /proc/self/limits; softlimit -o 50 -o 40 -c0 -c1 cat /proc/self/limits; softlimit -p5 -p = cat /proc/self/limits`},
		{"softlimit: failing after limits", `softlimit -m 3000000 ./nonexistent; softlimit -f 0 ./nonexistent; softlimit -s 4096 -d 1000000 ./nonexistent`},
		{"softlimit: no file size left to complain", `softlimit -f 0 ./nonexistent 2>err; echo $?; cat err`},
		{"softlimit: processes", `softlimit -p 1 setuidgid nobody true; echo $?; softlimit -p 1 setuidgid nobody sh -c 'true & wait'; echo $?
			softlimit -p 3 setuidgid nobody grep -E 'Uid|Threads' /proc/self/status`},

		{"setlock: options", `setlock f; setlock -n- f true; setlock -z f true; setlock -nxX; setlock -n -x f sh -c 'echo $0' -n; setlock -- f echo hi`},
		{"setlock: failures", `setlock no/f true; echo $?; setlock -x no/f true; echo $?; setlock -x f ./nonexistent; echo $?
			setlock . true; echo $?; setlock -xX . true; echo $?; setlock '' true; mkfifo p; setlock p true; setlock /dev/full true; echo $?
			: >g; chmod 600 g; setuidgid nobody setlock g true; echo $?; setuidgid nobody setlock -x g true; echo $?`},
		{"setlock: busy", `setlock f setlock -n f true; echo $?; setlock f setlock -nx f true; echo $?; setlock f setlock -nxX f true; echo $?; setlock f setlock -nN -x g echo ok`},
		{"setlock: waits", `mkfifo p q; setlock f sh -c ': >p; cat q; echo first' & cat p; setlock f echo second & : >q; wait`},
		{"setlock: file and descriptor", `umask 0; echo x >f; setlock f sh -c 'echo y >&3; cat f; cat /proc/self/fdinfo/3 | head -2; ls -l f | cut -c1-10; exit 9'; echo $?
			setlock f setlock g sh -c 'ls -l /proc/$$/fd | sed "s,.* \([0-9]* -> \).*/,\1,;/pipe/d;/null/d;1d"'; setlock f 3</dev/null sh -c 'echo z >&4'; cat f`},
		{"setlock: the lock outlives the program", `setlock f sh -c 'sleep 1 3>&- >&- 2>&- & (sleep 1 >&- 2>&-) & true'; setlock -n f true; echo $?; setlock f setlock -n f true`},
		{"setlock: standard descriptors closed", `setlock f sh -c 'readlink /proc/$$/fd/0 | sed "s,.*/,,"' <&-; (setlock f ./nonexistent 2>&-); cat f`},

		{"fghack: exit codes", `fghack ./nonexistent; echo $?; fghack sh -c 'kill -9 $$'; echo $?; fghack sh -c 'exit 7'; echo $?; fghack true; echo $?; fghack sh -c 'exit 255'; echo $?
			fghack ''; fghack /; echo x >x; chmod +x x; fghack ./x; echo '#!/nonexistent' >x; fghack ./x; echo $?`},
		{"fghack: waits for what is left behind", `fghack sh -c '(sleep .3; echo late) & echo first; exit 4'; echo $?
			fghack sh -c '(exec >/dev/null 2>&1 </dev/null 3>&- 4>&- 5>&-; sleep .3; echo late >f) & exit 4'; echo $?; cat f`},
		{"fghack: descriptors", `fghack sh -c 'ls -l /proc/$$/fd' 5</dev/null 9<. | sed 's/.* \([0-9]* -> \)/\1/;s/\[.*/[]/;1d'
			fghack sh -c 'cd /proc/$$/fd; ls -l' 4<&- | sed 's/.* \([0-9]* -> \)/\1/;s/\[.*/[]/;1d'
			prlimit --nofile=12 fghack sh -c 'ls -l /proc/$$/fd' | sed 's/.* \([0-9]* -> \)/\1/;s/\[.*/[]/;1d'
			fghack sh -c 'cat /proc/self/fdinfo/7 | grep flags'`},
		{"fghack: no descriptors", `prlimit --nofile=4 fghack true; prlimit --nofile=5 fghack echo ok`},
		{"fghack: what is written to the pipe", `fghack sh -c 'head -c 1000000 /dev/zero >&7; echo done'`},
		{"fghack: children not waited for", `env --ignore-signal=CHLD $TOOLS/fghack sh -c 'exit 3'; echo $?`},

		{"pgrphack: session", `pgrphack sh -c '[ $(ps -o sid= -p $$) = $$ ] && echo new session; exit 6'; echo $?; setsid pgrphack sh -c 'echo leader'`},

		{"readproctitle: usage", `readproctitle </dev/null; echo $?; readproctitle .......... four </dev/null; echo $?; readproctitle x ..... <.; echo $?; readproctitle ..... </dev/null; echo $?`},
		{"readproctitle: scrolls", `mkfifo p; for text in 'fatal error xyz\nwarn\0ing abc\n' a 1234567890123456 12345678901234567 123456789012345678 '\0' '\001\033[31m\377' '\0\0ab\0\0cd\0'; do
			readproctitle io errors: 12345678901234567890 <p & r=$!; exec 3>p; printf "$text" >&3
			while [ -z "$(ls -l /proc/$r/fd/0 2>/dev/null)" ] || ! grep -q pipe_read /proc/$r/wchan /proc/$r/stack 2>/dev/null && [ "$i" != xxxxx ]; do i=x$i; sleep .05; done; i=
			tr '\0\n' '|!' </proc/$r/cmdline; echo; exec 3>&-; wait $r; echo $?; done`},

		{"search: PATH", `mkdir b1 b2; echo 'echo hi' >b1/p; cp b1/p b2/p; chmod +x b2/p; mkdir b2/dir; ln -s loop b2/loop; T=$TOOLS/pgrphack
			for path in b1:b2 b1:/none b1/p:b2 /none '' : ::b2 b2: b1:b2:/none; do PATH=$path; $T p; $T dir; $T loop; $T nonex; $T ''; done
			unset PATH; $T echo default; $T nonex; cd b2; PATH=; $T p; PATH=/none: ; $T p`},
		{"search: slash", `pgrphack /etc/passwd/x; pgrphack /; pgrphack ''; ln -s l l; pgrphack ./l; pgrphack ./$(printf %0256d 0); pgrphack $(printf %05000d 0)/x; pgrphack $(printf %0256d 0)
			echo hi >x; chmod +x x; pgrphack ./x; echo '#!/nonexistent' >x; pgrphack ./x; echo '#!/bin/sh' >x; pgrphack ./x; cp /bin/true y; exec 3>>y; pgrphack ./y`},
		{"search: missing interpreter", `mkdir b1 b2; echo '#!/nonexistent' >b1/p; printf '#!/bin/sh\necho found\n' >b2/p; chmod +x b1/p b2/p; PATH=$PWD/b1:$PWD/b2:$PATH pgrphack p; PATH=$PWD/b1 $TOOLS/pgrphack p`},
		{"stderr broken", `{ sleep .1; pgrphack ./nonexistent; echo $? >rc; } 2>&1 | :; cat rc; { sleep .1; env --ignore-signal=PIPE $TOOLS/pgrphack ./nonexistent; echo $? >rc; } 2>&1 | :; cat rc`},
	})
}

// Chains of several tools, which ours carries out in one process.
func TestFusedChains(t *testing.T) {
	sameAsOriginal(t, [][2]string{
		{"the usual", `mkdir env; echo bar >env/FOO; softlimit -m 90000000 envdir ./env setuidgid nobody sh -c 'id; echo $FOO; exec cat /proc/self/limits'`},
		{"all of them", `mkdir env; echo bar >env/FOO; : >f; chmod 666 f; echo | pgrphack softlimit -o 60 -c 0 -d 80000000 envuidgid nobody envdir ./env setlock f setuidgid nobody fghack sh -c '
			cat /proc/self/limits; env | grep -v _=; grep -E "Uid|Gid|Groups" /proc/self/status; cat; exit 5'; echo $?`},
		{"rights are dropped before files are read", `mkdir env; echo bar >env/FOO; chmod 700 env; setuidgid nobody envdir ./env true; chmod 711 env; setuidgid nobody envdir ./env true
			chmod 755 env; chmod 600 env/FOO; setuidgid nobody envdir ./env true; setuidgid nobody setlock ./f true; setuidgid nobody setuidgid nobody true`},
		{"the one that fails complains", `setlock f envdir nonex true; pgrphack softlimit -z; pgrphack envuidgid; softlimit setlock; setuidgid nobody softlimit -c0 ./nonexistent
			pgrphack envdir; echo $?; fghack envdir . ./nonexistent; echo $?; pgrphack fghack; setlock -x . pgrphack true; pgrphack setlock -nx . true; echo $?`},
		{"PATH that envdir sets is for the tool after the next", `mkdir env; echo /nonexistent >env/PATH; envdir env pgrphack echo; envdir env $TOOLS/pgrphack echo; envdir env pgrphack pgrphack true
			mkdir bin; printf '#!/bin/sh\necho mine\n' >bin/echo; chmod +x bin/echo; echo $PWD/bin >env/PATH; envdir env echo theirs; envdir env pgrphack echo theirs`},
		{"PATH finds another's tool first", `mkdir bin; printf '#!/bin/sh\necho mine "$@"\n' >bin/pgrphack; chmod +x bin/pgrphack; PATH=$PWD/bin:$PATH softlimit pgrphack true
			chmod -x bin/pgrphack; PATH=$PWD/bin:$PATH softlimit pgrphack echo ok; PATH=$PWD/bin softlimit pgrphack true; rm bin/pgrphack; mkdir bin/pgrphack; PATH=$PWD/bin:$PATH softlimit pgrphack echo ok
			rmdir bin/pgrphack; echo '#!/nonexistent' >bin/pgrphack; chmod +x bin/pgrphack; PATH=$PWD/bin:$PATH softlimit pgrphack echo ok; PATH=$PWD/bin/pgrphack:$PATH softlimit pgrphack echo ok`},
		{"limits that later tools meet", `softlimit -o 3 -f 0 ./nonexistent; prlimit --nofile=30 softlimit -o 10 setlock f softlimit -o = grep open /proc/self/limits; softlimit -f 0 setlock f ls f
			softlimit -p 2 setuidgid nobody softlimit -p = grep processes /proc/self/limits; softlimit -a 90000000 softlimit -a = softlimit -d 70000000 cat /proc/self/limits`},
		{"links by any name", `ln -s $TOOLS/pgrphack x; pgrphack $TOOLS/pgrphack echo path; mkdir b; ln -s $TOOLS/softlimit b/softlimit; pgrphack ./b/softlimit -c0 echo relative; pgrphack ./b//softlimit -c0 ./nonexistent`},
		{"umask and directory", `umask 027; mkdir d e; cd d; envdir ../e setlock f pgrphack sh -c 'umask; pwd' | sed 's,.*/,,'; ls -l f | cut -c1-10`},
		{"lock held through a chain", `setlock f pgrphack softlimit -c0 sh -c 'setlock -n f true; echo $?'`},
		{"not executable for the user", `mkdir b; cp $TOOLS/pgrphack b/pgrphack; chmod 700 b/pgrphack; PATH=$PWD/b:$PATH setuidgid nobody pgrphack echo ok; setuidgid nobody ./b/pgrphack echo no`},
	})
}

// What a program inherits must reach it through every tool.
func TestInheritance(t *testing.T) {
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
			{"descriptor limit", "prlimit --nofile=60:100"},
			{"descriptor limits equal", "prlimit --nofile=70"},
			{"stack limit", "prlimit --stack=300000"},
		} {
			scripts = append(scripts, [2]string{tool + ": " + situation[0], `mkdir e; echo value >e/NAME; : >f; chmod 666 f; umask 026; ` +
				situation[1] + ` $TOOLS/` + tool + ` grep -E '^(Sig(Blk|Ign)|ShdPnd|Uid|Gid|Groups|Threads|Umask|Name|Cap|Seccomp|Cpus)' /proc/self/status
				` + situation[1] + ` $TOOLS/` + tool + ` cat /proc/self/limits`})
		}
		for _, redirection := range []string{"", "<&-", ">&-", "2>&-", "<&- >&- 2>&-", "<&- 2>&-", "3</dev/null", "5</dev/null 2>&-", "70</dev/null"} {
			scripts = append(scripts, [2]string{tool + ": descriptors " + redirection, `mkdir e; : >f; chmod 666 f; : >out; chmod 666 out
				printf '#!/bin/sh\nls -l /proc/$$/fd >out 2>&1' >probe; chmod +x probe; ` + tool + ` ./probe </dev/null 2>/dev/null ` + redirection + `
				echo $?; sed 's/.* \([0-9]* -> \)/\1/;s/\[.*/[]/;s,/tmp/.*/,,;1d' out`})
		}
	}
	sameAsOriginal(t, scripts)
}

// The shell cannot hand on an environment like this one.
func TestEnvironmentIsKept(t *testing.T) {
	odd := []string{"A=1", "A=2", "no equals sign", "=", "=x", "", "B=\xff\n", "A=3"}
	env, err := exec.LookPath("env")
	if err != nil {
		t.Fatal(err)
	}
	for _, tool := range [][]string{{"pgrphack"}, {"setuidgid", "nobody"}, {"softlimit", "-c0"}} {
		for _, dir := range []string{filepath.Dir(original(t, tool[0])), bin} {
			argv := append(append([]string{}, tool...), env, "-0")
			got := outputIn(t, dir+"/"+tool[0], argv, odd)
			if want := strings.Join(odd, "\x00") + "\x00"; got != want {
				t.Errorf("%s/%q: environment = %q, want %q", dir, argv, got, want)
			}
		}
	}
}

// outputIn runs a program with exactly that environment.
func outputIn(t *testing.T, path string, argv, environ []string) string {
	t.Helper()
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer read.Close()
	pid, err := syscall.ForkExec(path, argv, &syscall.ProcAttr{Env: environ, Files: []uintptr{0, write.Fd(), 2}})
	write.Close()
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	var out strings.Builder
	buffer := make([]byte, 4096)
	for {
		n, err := read.Read(buffer)
		out.Write(buffer[:n])
		if err != nil {
			break
		}
	}
	if _, err := unix.Wait4(pid, nil, 0, nil); err != nil {
		t.Fatal(err)
	}
	return out.String()
}
