package syn3state

import (
	"strings"
	"testing"
)

func TestParseState(t *testing.T) {
	tests := []struct {
		text string
		want State
		code int // for Nagios
	}{
		{"OK", OK, 0},
		{"CAUTION", Caution, 1},
		{"CRITICAL", Critical, 2},
		{"UNKNOWN", Unknown, 3},
		{"ok", OK, 0},
		{"Caution", Caution, 1},
	}
	for _, test := range tests {
		got, err := ParseState(test.text)
		if got != test.want || int(got) != test.code || err != nil {
			t.Errorf("ParseState(%q) = %d, %v, want %d", test.text, got, err, test.code)
		}
		if want := strings.ToUpper(test.text); got.String() != want {
			t.Errorf("ParseState(%q) is %s, want %s", test.text, got, want)
		}
	}
}

func TestParseStateFails(t *testing.T) {
	for _, text := range []string{"", "WARNING", "OK ", "0", "OKAY", "O\x00K"} {
		if got, err := ParseState(text); err == nil {
			t.Errorf("ParseState(%q) = %s, want an error", text, got)
		}
	}
}
