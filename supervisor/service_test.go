package supervisor

import (
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
