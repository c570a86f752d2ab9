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
