package protocol

import (
	"os"
	"testing"
)

func TestParseProcess(t *testing.T) {
	const rest = " S 1 7 7 0 -1 4194560 90 0 0 0 0 0 0 0 20 0 1 0 12345 2703360 256 18446744073709551615"
	sleeping := Process{State: 'S', Parent: 1, Flags: 4194560, Start: 12345}
	for _, test := range []struct {
		name, text string
		want       Process
		ok         bool
	}{
		{"plain", "7 (sleep)" + rest, sleeping, true},
		{"a name with blanks and parentheses", "7 (a) Z 2 (b c)" + rest, sleeping, true},
		{"cut short", "7 (sleep) S 1 7", Process{}, false},
		{"no number", "7 (sleep) S 1 7 7 0 -1 4194560 90 0 0 0 0 0 0 0 20 0 1 0 x 1", Process{State: 'S', Parent: 1, Flags: 4194560}, false},
		{"empty", "", Process{}, false},
	} {
		if got, ok := parseProcess([]byte(test.text)); got != test.want || ok != test.ok {
			t.Errorf("%s: parseProcess(%q) = %+v, %v, want %+v, %v", test.name, test.text, got, ok, test.want, test.ok)
		}
	}
}

func TestReadProcess(t *testing.T) {
	self, ok := ReadProcess(os.Getpid())
	if !ok || !self.Alive() || self.Parent != os.Getppid() {
		t.Errorf("ReadProcess = %+v, %v, want a child of %d", self, ok, os.Getppid())
	}
	parent, ok := ReadProcess(os.Getppid())
	if !ok || parent.Start == 0 || parent.Start > self.Start {
		t.Errorf("ReadProcess = %+v, %v for the parent of %+v", parent, ok, self)
	}
	if _, ok := ReadProcess(1 << 30); ok {
		t.Error("ReadProcess finds no process")
	}
	if BootID() == "" || PidNamespace() == 0 {
		t.Errorf("BootID() = %q, PidNamespace() = %d", BootID(), PidNamespace())
	}
}
