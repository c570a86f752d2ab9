package protocol

import (
	"testing"
	"time"
)

func TestParseSeconds(t *testing.T) {
	for text, want := range map[string]time.Duration{
		"0": 0, "2": 2 * time.Second, "0.5": 500 * time.Millisecond, "1e2": 100 * time.Second,
		"": -1, "-1": -1, "soon": -1, "NaN": -1, "Inf": -1, "1e99": -1, "2 ": -1,
	} {
		got, err := ParseSeconds(text)
		if err != nil {
			got = -1
		}
		if got != want {
			t.Errorf("ParseSeconds(%q) = %v, %v, want %v", text, got, err, want)
		}
	}
}
