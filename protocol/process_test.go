package protocol

import (
	"os"
	"testing"
)

func TestParseStartTime(t *testing.T) {
	const rest = " S 1 7 7 0 -1 4194560 90 0 0 0 0 0 0 0 20 0 1 0 12345 2703360 256 18446744073709551615"
	for _, test := range []struct {
		name, text string
		want       uint64
	}{
		{"plain", "7 (sleep)" + rest, 12345},
		{"a name with blanks and parentheses", "7 (a) S 1 (b c)" + rest, 12345},
		{"cut short", "7 (sleep) S 1 7", 0},
		{"no number", "7 (sleep) S 1 7 7 0 -1 4194560 90 0 0 0 0 0 0 0 20 0 1 0 x 1", 0},
		{"empty", "", 0},
	} {
		if got := parseStartTime([]byte(test.text)); got != test.want {
			t.Errorf("%s: parseStartTime(%q) = %d, want %d", test.name, test.text, got, test.want)
		}
	}
}

func TestStartTime(t *testing.T) {
	self, parent := StartTime(os.Getpid()), StartTime(os.Getppid())
	if self == 0 || parent == 0 || parent > self {
		t.Errorf("StartTime = %d, %d for its parent", self, parent)
	}
	if got := StartTime(1 << 30); got != 0 {
		t.Errorf("StartTime of no process = %d, want 0", got)
	}
	if BootID() == "" {
		t.Error("BootID() is empty")
	}
}
