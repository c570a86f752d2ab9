package supervisor

import (
	"os"
	"testing"
	"time"

	"syn3d/protocol"
)

// What a service has told its own supervisor before it ended counts before its
// end does: a run script that gives up with svc -d is not started once more.
func TestLastWordsCount(t *testing.T) {
	l, err := newLoop()
	if err != nil {
		t.Fatal(err)
	}
	name := t.TempDir()
	s, err := newService(l, l.tables.all[0], name, 0, 1, func() {})
	if err != nil {
		t.Fatal(err)
	}
	defer s.close()

	const pid = 1 << 30 // of no process
	s.machine.Started(pid, time.Now().Add(-time.Hour))
	if err := protocol.Send(name, []byte("d")); err != nil {
		t.Fatal(err)
	}
	s.exited(0)
	if status, err := protocol.ReadStatus(name); err != nil || status.Up() || status.Want != protocol.WantDown {
		t.Errorf("the status is %+v, %v; want down and wanted down", status, err)
	}
	if action, until := s.machine.Next(time.Now()); action != Wait || !until.IsZero() {
		t.Errorf("Next() = %v, %v; want to wait for ever", action, until)
	}
}

// An instance that is taken over is one about which the monitor was told
// something, if it was: else nobody would tell it that all is well again.
func TestToldIsTakenOver(t *testing.T) {
	l, err := newLoop()
	if err != nil {
		t.Fatal(err)
	}
	name := t.TempDir()
	self, _ := protocol.ReadProcess(os.Getpid())
	leave(t, l, name, protocol.Detail{Pid: os.Getpid(), Start: self.Start, Told: stateCaution}, nil)
	s := openService(t, l, name, 0, 1)
	if s.machine.pid != os.Getpid() || !s.monitor.troubled() || s.lasts == nil {
		t.Errorf("taken over is pid %d, troubled %v; want %d, true, and to wait until it has run well",
			s.machine.pid, s.monitor.troubled(), os.Getpid())
	}
}

// leave leaves in a directory what a supervisor writes down: a detail of this
// directory and this boot, and a status, if there is one.
func leave(t *testing.T, l *loop, dir string, detail protocol.Detail, status *protocol.Status) {
	t.Helper()
	detail.Boot, detail.Namespace, detail.Inode = l.boot, l.namespace, identityOf(dir).ino
	files := map[string][]byte{protocol.DetailFile: protocol.AppendDetail(nil, detail)}
	if status != nil {
		files[protocol.StatusFile] = protocol.AppendStatus(nil, *status)
	}
	if err := os.MkdirAll(dir+"/"+protocol.StateDir, 0o700); err != nil {
		t.Fatal(err)
	}
	for file, text := range files {
		if err := os.WriteFile(dir+"/"+file, text, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// openService returns the service of a directory, of which the loop does not run.
func openService(t *testing.T, l *loop, dir string, stdin, stdout int) *service {
	t.Helper()
	s, err := newService(l, l.tables.all[0], dir, stdin, stdout, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.close)
	return s
}

// Before something is started, the detail tells of the pipes that it will have,
// whatever an earlier supervisor that died before a start has left there: else
// the next one would not find them again.
func TestBeginDetail(t *testing.T) {
	l, err := newLoop()
	if err != nil {
		t.Fatal(err)
	}
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer read.Close()
	defer write.Close()
	dir := t.TempDir()
	leave(t, l, dir, protocol.Detail{In: 1, Out: 1}, nil)
	openService(t, l, dir, int(read.Fd()), int(write.Fd())).beginDetail()
	inode := pipeInode(int(read.Fd()))
	if got, err := protocol.ReadDetail(dir); err != nil || got.In != inode || got.Out != inode {
		t.Errorf("the detail tells of the pipes %d and %d (%v), want %d", got.In, got.Out, err, inode)
	}
}

// What a supervisor has left that was killed before its first start need not
// wait, nor need a log that ended with its supervisor: it has to be there before
// its service.
func TestStartsAtOnce(t *testing.T) {
	const nobody = 1 << 30
	up := &protocol.Status{Since: protocol.LabelOf(time.Now()), Pid: nobody, Want: protocol.WantUp}
	for _, test := range []struct {
		what   string
		dir    string
		detail protocol.Detail
		status *protocol.Status
		want   Action
	}{
		{"never started", "/x", protocol.Detail{}, nil, Start},
		{"a service that has ended", "/x", protocol.Detail{Pid: nobody}, up, Wait},
		{"a log that has ended", "/x/" + protocol.LogDir, protocol.Detail{Pid: nobody}, up, Start},
	} {
		l, err := newLoop()
		if err != nil {
			t.Fatal(err)
		}
		dir := t.TempDir() + test.dir
		if err := os.MkdirAll(dir, 0o755); err != nil {
			t.Fatal(err)
		}
		leave(t, l, dir, test.detail, test.status)
		if next, _ := openService(t, l, dir, 0, 1).machine.Next(time.Now()); next != test.want {
			t.Errorf("%s: next is %v, want %v", test.what, next, test.want)
		}
	}
}

func TestAnnounceAt(t *testing.T) {
	var never time.Time
	now := time.Unix(1e9, 0)
	soon, later := now.Add(termedDelay), now.Add(statusRetry)
	up := protocol.Status{Since: protocol.LabelOf(now), Pid: 1, Want: protocol.WantUp}
	termed, down, next := up, up, up
	termed.Termed = true
	down.Termed, down.Want = true, protocol.WantDown
	next.Pid = 2
	for _, test := range []struct {
		name          string
		old, status   protocol.Status
		planned, want time.Time
	}{
		{"nothing new", up, up, never, never},
		{"nothing new, but it could not be written", up, up, later, later},
		{"a TERM", up, termed, never, soon},
		{"a TERM a moment ago", up, termed, now, now},
		{"a TERM, but the status could not be written", up, termed, later, later},
		{"down", up, down, never, now},
		{"down after a TERM", termed, down, never, now},
		{"a new instance", up, next, never, now},
		{"a new instance after a TERM", termed, next, soon, now},
		{"a new instance, but the status could not be written", up, next, later, now},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := announceAt(test.old, test.status, test.planned, now); got != test.want {
				t.Errorf("announceAt() = %v, want %v", got, test.want)
			}
		})
	}
}

// The end of an instance is told by its pidfd. SIGCHLD comes later, by way of
// two more threads.
func TestPidfdTellsOfTheEnd(t *testing.T) {
	l, err := newLoop()
	if err != nil {
		t.Fatal(err)
	}
	l.children = nil // it never comes
	name := t.TempDir()
	if err := os.WriteFile(name+"/"+protocol.RunFile, []byte("#!/bin/sh\nexec sleep 60\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	s, err := newService(l, l.tables.all[0], name, 0, 1, l.end)
	if err != nil {
		t.Fatal(err)
	}
	l.whenSpare(s.wake)
	l.whenSpare(s.stop)
	runToEnd(t, l)
}

// runToEnd runs a loop that is to end by itself.
func runToEnd(t *testing.T, l *loop) {
	t.Helper()
	ended := make(chan struct{})
	go func() { // ends with the loop
		l.run(answers{})
		close(ended)
	}()
	select {
	case <-ended:
	case <-time.After(30 * time.Second):
		t.Fatal("the loop does not end")
	}
}

// What a service does in a table of its own may not ask for that table again:
// the loop would wait for ever.
func TestScriptsInATableOfTheirOwn(t *testing.T) {
	l, err := newLoop()
	if err != nil {
		t.Fatal(err)
	}
	table := l.tables.extend()
	if table == l.tables.all[0] {
		t.Skip("this kernel has no more tables")
	}
	name := t.TempDir()
	for file, script := range map[string]string{
		protocol.RunFile:    "#!/bin/sh\nexec sleep 60\n",
		protocol.StopScript: "#!/bin/sh\n>stopped\n",
	} {
		if err := os.WriteFile(name+"/"+file, []byte(script), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	s, err := newService(l, table, name, 0, 1, l.end)
	if err != nil {
		t.Fatal(err)
	}
	l.whenSpare(s.wake)
	l.whenSpare(s.shutdown)
	runToEnd(t, l)
	if _, err := os.Stat(name + "/stopped"); err != nil {
		t.Errorf("the stop script has not run: %v", err)
	}
}

// A start script that was there a moment ago may have gone without a verdict
// when it is to be taken over: that, too, is told in the table of the service.
func TestGoneScriptInATableOfItsOwn(t *testing.T) {
	l, err := newLoop()
	if err != nil {
		t.Fatal(err)
	}
	table := l.tables.extend()
	if table == l.tables.all[0] {
		t.Skip("this kernel has no more tables")
	}
	name := t.TempDir()
	for _, file := range []string{protocol.RunFile, protocol.StartScript} {
		if err := os.WriteFile(name+"/"+file, []byte("#!/bin/sh\nexec sleep 60\n"), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	s, err := newService(l, table, name, 0, 1, l.end)
	if err != nil {
		t.Fatal(err)
	}
	const none = 1 << 30 // a pid of no process
	l.marked.scripts = map[identity]marked{s.dir.identity: {pid: none, reason: protocol.ReasonCrash}}
	l.markedAt = time.Now().Add(time.Hour)
	s.machine.Started(none, time.Now())
	s.takenOver = true
	l.whenSpare(s.begin)
	l.whenSpare(func() { s.exited(0) })
	l.whenSpare(s.stop)
	runToEnd(t, l)
}
