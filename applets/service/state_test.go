package service

import (
	"encoding/json"
	"errors"
	"testing"
	"time"
)

// TestJSON pins what programs rely on: members may be added, and no more.
func TestJSON(t *testing.T) {
	at := time.Date(2026, 11, 23, 13, 40, 0, 500, time.UTC)
	failure := &Failure{
		What: "it does not stay up", Cause: "no user", LastWords: []string{"a", "b"}, Source: "there",
		Leftovers: []Leftover{{Pid: 7, Command: "sleep 9", Since: at, Cause: "no exec"}},
	}
	done := func(s State, command string, err error) State { s.Done(command, err); return s }
	tests := []struct {
		what  string
		state State
		want  string
	}{
		{"unknown", State{Service: "/service/x", Error: "supervise not running"},
			`{"service":"/service/x","error":"supervise not running","supervised":false,"up":false,"seconds":0,"paused":false,"restarts":0}`},
		{"down", State{Service: "x", Supervised: true, Since: at, Seconds: 5, Want: "down", Boot: "up",
			LastExit: &Exit{Code: 1, At: at}, Log: &State{Service: "x/log"}},
			`{"service":"x","supervised":true,"up":false,"since":"2026-11-23T13:40:00.0000005Z","seconds":5,"want":"down","paused":false,"boot":"up",` +
				`"last_exit":{"code":1,"at":"2026-11-23T13:40:00.0000005Z"},"restarts":0,` +
				`"log":{"service":"x/log","supervised":false,"up":false,"seconds":0,"paused":false,"restarts":0}}`},
		{"up", State{Service: "x", Supervised: true, Up: true, Pid: 7, Since: at, Seconds: 5, Want: "once", Paused: true, Boot: "down", Restarts: 3,
			Verified: &Verification{OK: true, By: "start", Reason: "boot", At: at}, LastExit: &Exit{Signal: "SIGSEGV", At: at}},
			`{"service":"x","supervised":true,"up":true,"pid":7,"since":"2026-11-23T13:40:00.0000005Z","seconds":5,"want":"once","paused":true,"boot":"down",` +
				`"verified":{"ok":true,"by":"start","reason":"boot","at":"2026-11-23T13:40:00.0000005Z"},` +
				`"last_exit":{"code":0,"signal":"SIGSEGV","at":"2026-11-23T13:40:00.0000005Z"},"restarts":3}`},
		{"done", done(State{Service: "x"}, "svcstop", nil),
			`{"service":"x","supervised":false,"up":false,"seconds":0,"paused":false,"restarts":0,"result":{"command":"svcstop","ok":true}}`},
		{"failed", done(State{Service: "x"}, "svcstart", errors.New("no")),
			`{"service":"x","supervised":false,"up":false,"seconds":0,"paused":false,"restarts":0,"result":{"command":"svcstart","ok":false,"error":"no"}}`},
		{"failed with details", done(State{Service: "x"}, "svcstart", failure),
			`{"service":"x","supervised":false,"up":false,"seconds":0,"paused":false,"restarts":0,"result":{"command":"svcstart","ok":false,` +
				`"error":"it does not stay up","likely_cause":"no user","last_words":["a","b"],` +
				`"leftovers":[{"pid":7,"command":"sleep 9","since":"2026-11-23T13:40:00.0000005Z","cause":"no exec"}]}}`},
	}
	for _, test := range tests {
		got, err := json.Marshal(test.state)
		if string(got) != test.want || err != nil {
			t.Errorf("%s: JSON = %s, %v, want %s", test.what, got, err, test.want)
		}
	}
}

func TestShow(t *testing.T) {
	for name, want := range map[string]string{
		"/service/squid": "/service/squid",
		"/service/é":     "/service/é",
		"a b":            "a b",
		"a\nb":           `"a\nb"`,
		"a\x1b[2Jb":      `"a\x1b[2Jb"`,
		"a\xffb":         `"a\xffb"`,
	} {
		if got := Show(name); got != want {
			t.Errorf("Show(%q) = %s, want %s", name, got, want)
		}
	}
}

func TestWatchFor(t *testing.T) {
	tests := []struct {
		what, file string
		options    Options
		want       time.Duration // -1: an error
	}{
		{"default", "", Options{Limit: time.Minute, Watch: -1}, 2 * time.Second},
		{"default within the limit", "", Options{Limit: time.Second, Watch: -1}, time.Second},
		{"file", "5\n", Options{Limit: time.Second, Watch: -1}, 5 * time.Second},
		{"option", "5\n", Options{Limit: time.Second, Watch: 3 * time.Second}, 3 * time.Second},
		{"option of none", "5\n", Options{Limit: time.Second, Watch: 0}, 0},
		{"bad file", "long\n", Options{Limit: time.Second, Watch: -1}, -1},
	}
	for _, test := range tests {
		dir := t.TempDir()
		if test.file != "" {
			write(t, dir+"/start-watch", test.file, 0o644)
		}
		got, err := test.options.watchFor(dir)
		if err != nil {
			got = -1
		}
		if got != test.want {
			t.Errorf("%s: watchFor = %v, %v, want %v", test.what, got, err, test.want)
		}
	}
}
