package protocol

import (
	"os"
	"testing"
)

func TestParseProcess(t *testing.T) {
	const rest = " S 7 8 9 0 -1 4194560 90 0 0 0 5 6 0 0 20 0 1 0 12345 2703360 256 18446744073709551615"
	want := func(name string) Process {
		return Process{Pid: 12, Name: name, State: 'S', Parent: 7, Group: 8, Session: 9, Flags: 4194560, Time: 11, Start: 12345}
	}
	for _, test := range []struct {
		name, text string
		want       Process
		ok         bool
	}{
		{"plain", "12 (sleep)" + rest, want("sleep"), true},
		{"a name with blanks and parentheses", "12 (a) Z 2 (b c)" + rest, want("a) Z 2 (b c"), true},
		{"a name with a newline", "12 (a\nb)" + rest, want("a\nb"), true},
		{"no name", "12", Process{}, false},
		{"the wrong way round", "12 )(", Process{}, false},
		{"cut short", "12 (sleep) S 7 8", Process{}, false},
		{"no number", "12 (sleep) S 7 8 9 0 -1 4194560 90 0 0 0 5 6 0 0 20 0 1 0 x 1", Process{}, false},
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
