package integration

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"syn3d/protocol"

	"golang.org/x/sys/unix"
)

// TestKilledSupervisors kills supervisors at random moments: while services
// start, stop and crash, while logs are rotated, and while svscan executes
// itself anew. In the end every service is as it should be, at no time were two
// instances of one, and of all that was said no line is missing.
func TestKilledSupervisors(t *testing.T) {
	t.Run("hosted", func(t *testing.T) {
		o := newOrdeal(t, 280, 20)
		o.startSvscan()
		o.endure((*ordeal).killSvscan, (*ordeal).start, (*ordeal).stop, (*ordeal).crash, (*ordeal).rotate, (*ordeal).upgrade)
		o.endInOrder()
	})
	t.Run("forked", func(t *testing.T) {
		o := newOrdeal(t, 280, 20, "-p")
		o.startSvscan()
		killAny := func(o *ordeal) { o.killSupervises(); o.killSvscan() }
		o.endure(killAny, (*ordeal).start, (*ordeal).stop, (*ordeal).crash, (*ordeal).rotate, (*ordeal).upgrade)
		o.endInOrder()
	})
	t.Run("alone", func(t *testing.T) {
		o := newOrdeal(t, 300, 0)
		shell := startDaemon(t, o.scan, "sh", "-c",
			"for name in s-*; do while [ ! -e end ]; do supervise $name; done & done; wait")
		o.endure((*ordeal).killSupervises, (*ordeal).start, (*ordeal).stop, (*ordeal).crash)
		check(t, os.WriteFile(o.scan+"/end", nil, 0o644))
		o.command("dx", o.names...)
		shell.wait()
	})
}

// An ordeal is what services and their supervisors have to go through.
type ordeal struct {
	*testing.T
	scan, journals string
	names          []string // of all services
	talkers        []string // of those that have a log
	random         *rand.Rand
	options        []string // of svscan
	svscan         *daemon
}

func newOrdeal(t *testing.T, quiet, talking int, options ...string) *ordeal {
	o := &ordeal{T: t, scan: t.TempDir(), journals: t.TempDir(), options: options, random: rand.New(rand.NewPCG(3, 4))}
	o.names, o.talkers = numbered("s", quiet), numbered("t", talking)
	for _, name := range o.names {
		writeService(t, o.scan+"/"+name, witness(o.journals+"/"+name, untilTold), "restart-delay", "0\n")
	}
	for _, name := range o.talkers {
		writeService(t, o.scan+"/"+name, witness(o.journals+"/"+name, talkAndTell), "restart-delay", "0\n",
			"log/run", "#!/bin/sh\nexec multilog n1000000 s4096 ./main\n")
	}
	o.names = append(o.names, o.talkers...)
	return o
}

// talkAndTell says numbered lines, and tells in the file said, too, what it has
// said.
const talkAndTell = "exec 8>>said\nn=0\nwhile :; do\n" +
	"  for i in 1 2 3 4 5 6 7 8 9 10; do n=$((n+1)); line=$(printf '%05d %090d' $$ $n); echo $line; echo $line >&8; done\n" +
	"  sleep 0.1\ndone\n"

// endure does one thing after the other to the services, and kills in the midst
// of it. Whatever becomes of them, they have to be as they should be then.
func (o *ordeal) endure(kill func(*ordeal), moments ...func(*ordeal)) {
	const kills = 50
	for i := range kills {
		o.pause(100 * time.Millisecond)
		moments[i%len(moments)](o)
		o.pause(20 * time.Millisecond)
		kill(o)
	}
	awaitCount(o.T, "services that are supervised, and told to be up", func() (told int) {
		for _, name := range o.names {
			if o.command("u", name) == nil {
				told++
			}
		}
		return told
	}, len(o.names))
	quiet := o.names[:len(o.names)-len(o.talkers)]
	up := awaitAllUp(o.T, o.scan, quiet, nil)
	running := processesIn("sleep")
	for _, name := range quiet {
		if got := running[o.scan+"/"+name]; len(got) != 1 || got[0] != up[name] {
			o.Errorf("%s runs as %v, want only %d, as svstat says", name, got, up[name])
		}
	}
	for _, name := range o.talkers {
		awaitUp(o.T, o.scan+"/"+name)
	}
	for _, name := range o.names {
		starts(o.T, o.journals+"/"+name) // which has no overlap
	}
}

func (o *ordeal) pause(most time.Duration) { time.Sleep(time.Duration(o.random.Int64N(int64(most)))) }

// some returns some names.
func (o *ordeal) some(n int, names []string) (some []string) {
	for range n {
		some = append(some, names[o.random.IntN(len(names))])
	}
	return some
}

// command sends commands to services. It returns the last error.
func (o *ordeal) command(commands string, names ...string) (err error) {
	for _, name := range names {
		if failed := protocol.Send(o.scan+"/"+name, []byte(commands)); failed != nil {
			err = failed
		}
	}
	return err
}

func (o *ordeal) start() { o.command("u", o.some(30, o.names)...) }

func (o *ordeal) stop() { o.command("d", o.some(20, o.names)...) }

func (o *ordeal) crash() {
	for _, name := range o.some(10, o.names) {
		if status, err := protocol.ReadStatus(o.scan + "/" + name); err == nil && status.Up() {
			unix.Kill(int(status.Pid), unix.SIGKILL)
		}
	}
}

// rotate spares loggers that would still die of it.
func (o *ordeal) rotate() {
	for _, name := range o.talkers {
		if logger := pid(o.T, o.scan+"/"+name+"/log"); logger > 0 && catches(logger, unix.SIGALRM) {
			o.command("a", name+"/log")
		}
	}
}

func (o *ordeal) upgrade() { o.svscan.signal(unix.SIGUSR2) }

func (o *ordeal) startSvscan() { o.svscan = startSvscan(o.T, o.scan, o.options...) }

func (o *ordeal) killSvscan() {
	o.svscan.kill()
	o.startSvscan()
}

func (o *ordeal) killSupervises() {
	for _, name := range o.some(5, o.names) {
		if supervisor := lockHolder(o.T, o.scan+"/"+name); supervisor != 0 {
			unix.Kill(supervisor, unix.SIGKILL)
		}
	}
}

// endInOrder ends svscan. By then all that was said is in the logs.
func (o *ordeal) endInOrder() {
	eventually(o.T, "no upgrade has left a keeper", func() bool { return !o.anyKeeper() })
	o.svscan.signal(unix.SIGTERM)
	if code := o.svscan.wait(); code != 0 {
		o.Errorf("svscan ends with %d on TERM, want 0", code)
	}
	for _, name := range o.talkers {
		dir := o.scan + "/" + name
		files, _ := filepath.Glob(dir + "/log/main/@*")
		var logged []string
		for _, file := range append(files, dir+"/log/main/current") {
			logged = append(logged, lines(o.T, file)...)
		}
		if len(files) == 0 {
			o.Errorf("%s has no old log: that was no test of rotation", name)
		}
		if err := account(lines(o.T, dir+"/said"), logged); err != nil {
			o.Errorf("%s: %v", name, err)
		}
	}
}

// account compares a log with what instances have told that they have said. One
// that was killed may have said a line more than it could tell.
func account(said, logged []string) error {
	told, untold := map[string]bool{}, map[string]string{}
	for _, line := range said {
		told[line] = true
	}
	next := 0
	for _, line := range logged {
		pid, _, _ := strings.Cut(line, " ")
		switch {
		case next < len(said) && line == said[next]:
			next++
		case told[line]:
			return fmt.Errorf("after %d lines there is %q in the log, want %q", next, line, said[next:min(next+1, len(said))])
		case untold[pid] != "":
			return fmt.Errorf("process %s has told neither of %q nor of %q", pid, untold[pid], line)
		default:
			untold[pid] = line
		}
	}
	if next < len(said) {
		return fmt.Errorf("of %d lines the last %d are missing, %q the first of them", len(said), len(said)-next, said[next])
	}
	return nil
}

// anyKeeper reports whether there is a process that keeps descriptors for an
// upgrade.
func (o *ordeal) anyKeeper() bool {
	files, _ := filepath.Glob("/proc/[0-9]*/cmdline")
	return slices.ContainsFunc(files, func(file string) bool {
		cmdline, _ := os.ReadFile(file)
		cwd, _ := os.Readlink(filepath.Dir(file) + "/cwd")
		return strings.HasPrefix(string(cmdline), "svscan upgrade\x00") && cwd == o.scan
	})
}
