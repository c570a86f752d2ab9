package supervisor

import (
	"os"
	"testing"
	"time"
)

// What is said to be started now is, and not when the hold would be over.
func TestHoldEndsAtItsLimit(t *testing.T) {
	l, err := newLoop()
	if err != nil {
		t.Fatal(err)
	}
	scan := t.TempDir()
	for _, name := range []string{"x", "never"} {
		if err := os.Mkdir(scan+"/"+name, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	s, err := newService(l, l.tables.all[0], scan+"/x", 0, 1, func() {})
	if err != nil {
		t.Fatal(err)
	}
	defer s.close()

	now := time.Now()
	s.after = []string{"never"}
	s.machine.Hold(now.Add(time.Hour))
	s.lookAfter(now)
	if s.machine.Held() {
		t.Error("the service is held after the limit")
	}
}
