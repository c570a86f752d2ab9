//go:build !minimal

package main

import (
	"strings"
	"testing"
)

// Nobody pays for the flag parser but who uses it.
func TestInitialization(t *testing.T) {
	const parser = "init github.com/urfave/cli/v2 @"
	t.Setenv("GODEBUG", "inittrace=1")
	for _, test := range []struct {
		name   string
		parses bool
	}{
		{"svok", false},
		{"svc", false},
		{"svstat", false},
		{"supervise", false},
		{"svcstart", true},
		{"syn3d", true},
	} {
		_, trace, _ := call(t, test.name)
		if !strings.Contains(trace, "init os @") {
			t.Fatalf("%s: no trace: %q", test.name, trace)
		}
		if got := strings.Contains(trace, parser); got != test.parses {
			t.Errorf("%s: the flag parser is initialized: %t, want %t", test.name, got, test.parses)
		}
	}
}
