package main

import (
	"cmp"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// A bench is the place of the measurements.
type bench struct {
	work   string // a directory for all that is made
	logs   string // another for what contests write, in memory if there is such a file system
	suites []suite
	dirs   int // scan directories made so far
}

// newBench prepares for measuring program and those of the suites named that
// are installed.
func newBench(program string, names []string) (*bench, error) {
	work, err := os.MkdirTemp("", "bench")
	if err != nil {
		return nil, err
	}
	b := &bench{work: work}
	if err := b.prepare(program); err != nil {
		b.close()
		return nil, err
	}
	for _, s := range suites(b.bin()) {
		switch {
		case !slices.Contains(names, s.name):
		case !s.installed():
			progress("%s is left out: the package %s is not installed", s.name, s.pkg)
		default:
			b.suites = append(b.suites, s)
		}
	}
	return b, nil
}

func (b *bench) bin() string     { return b.work + "/bin" }
func (b *bench) program() string { return b.work + "/run" }
func (b *bench) nothing() string { return b.work + "/true" }

func (b *bench) prepare(program string) error {
	// What the suites leave behind is to come to us, to be ended.
	if err := unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0); err != nil {
		return err
	}
	go b.clearOnSignal() // for as long as the process lives
	if err := closeInherited(); err != nil {
		return err
	}

	// Chains run a program in it as somebody else.
	if err := os.Chmod(b.work, 0o755); err != nil {
		return err
	}
	run, err := serviceProgram()
	if err != nil {
		return err
	}
	nothing, err := trueProgram()
	if err != nil {
		return err
	}
	err = cmp.Or(os.WriteFile(b.program(), run, 0o755), os.WriteFile(b.nothing(), nothing, 0o755), b.link(program))
	if err != nil {
		return err
	}
	b.logs, err = os.MkdirTemp(memoryDir(), "bench")
	return err
}

// memoryDir returns a directory in memory, or else "", which stands for that
// of all temporary files.
func memoryDir() string {
	const dir = "/dev/shm"
	var fs unix.Statfs_t
	if unix.Statfs(dir, &fs) != nil || fs.Type != unix.TMPFS_MAGIC {
		return ""
	}
	return dir
}

// link installs program in bin.
func (b *bench) link(program string) error {
	if err := os.Mkdir(b.bin(), 0o755); err != nil {
		return err
	}
	program, err := filepath.Abs(program)
	if err != nil {
		return err
	}
	list, err := exec.Command(program, "--list").Output()
	if err != nil {
		return fmt.Errorf("unable to list the applets of %s: %w", program, err)
	}
	for _, name := range append(strings.Fields(string(list)), ours) {
		if err := os.Symlink(program, b.bin()+"/"+name); err != nil {
			return err
		}
	}
	return nil
}

// closeInherited closes descriptors that whoever started us has left open.
// They would make the descriptor tables of all that is measured bigger.
func closeInherited() error {
	names, err := readNames("/proc/self/fd")
	for _, name := range names {
		fd, _ := strconv.Atoi(name)
		if fd <= 2 {
			continue
		}
		// What Go opens is close-on-exec.
		if flags, err := unix.FcntlInt(uintptr(fd), unix.F_GETFD, 0); err == nil && flags&unix.FD_CLOEXEC == 0 {
			unix.Close(fd)
		}
	}
	return err
}

func (b *bench) clearOnSignal() {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, unix.SIGINT, unix.SIGTERM, unix.SIGHUP)
	<-signals
	b.close()
	os.Exit(1)
}

func (b *bench) close() {
	killAll()
	os.RemoveAll(b.work)
	if b.logs != "" {
		os.RemoveAll(b.logs)
	}
}

// round asks all suites in turn.
func (b *bench) round(round, services int, questions []question, r results) {
	for _, s := range b.suites {
		if questions[0].own && !s.adopts {
			continue
		}
		if s.most > 0 && services > s.most {
			progress("%s keeps no more than %d services", s.name, s.most)
			continue
		}
		answer := func(q question, values []float64) { r.add(q, services, s.name, round, values) }
		if err := b.turn(s, services, questions, answer); err != nil {
			progress("%s: %v", s.name, err)
		}
	}
}

// turn asks one suite. A question that fails is the last one in this round.
func (b *bench) turn(s suite, services int, questions []question, answer func(question, []float64)) error {
	defer killAll()
	t, err := b.grow(s, services)
	if err != nil {
		return err
	}
	defer t.close()
	for _, q := range questions {
		values, err := q.ask(t)
		if err != nil {
			return fmt.Errorf("%s: %w%s", q.name, err, t.excuse())
		}
		answer(q, values)
	}
	return nil
}

// grow starts a suite on a new scan directory and waits until all services are
// up.
func (b *bench) grow(s suite, services int) (*tree, error) {
	b.dirs++
	dir := b.work + "/" + strconv.Itoa(b.dirs)
	if err := plant(dir, b.program(), services); err != nil {
		return nil, err
	}
	t, err := start(s, dir, services)
	if err != nil {
		return nil, err
	}
	if err := t.awaitUp(services); err != nil {
		t.close()
		return nil, fmt.Errorf("%w%s", err, t.excuse())
	}
	return t, nil
}
