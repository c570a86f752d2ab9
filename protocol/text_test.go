package protocol

import (
	"testing"
	"time"
)

func TestAppendText(t *testing.T) {
	now := time.Unix(1e9, 0)
	since := LabelOf(now.Add(-56 * time.Second))
	const up, down = "up (pid 1234) 56 seconds", "down 56 seconds"
	for _, test := range []struct {
		pid          uint32
		normallyDown bool
		paused       bool
		want         Want
		text         string
	}{
		{1234, false, false, WantUp, up},
		{1234, false, false, WantDown, up + ", want down"},
		{1234, false, false, WantOnce, up},
		{1234, false, true, WantUp, up + ", paused"},
		{1234, false, true, WantDown, up + ", paused, want down"},
		{1234, false, true, WantOnce, up + ", paused"},
		{1234, true, false, WantUp, up + ", normally down"},
		{1234, true, false, WantDown, up + ", normally down, want down"},
		{1234, true, false, WantOnce, up + ", normally down"},
		{1234, true, true, WantUp, up + ", normally down, paused"},
		{1234, true, true, WantDown, up + ", normally down, paused, want down"},
		{1234, true, true, WantOnce, up + ", normally down, paused"},
		{0, false, false, WantUp, down + ", normally up, want up"},
		{0, false, false, WantDown, down + ", normally up"},
		{0, false, false, WantOnce, down + ", normally up"},
		{0, false, true, WantUp, down + ", normally up, want up"},
		{0, false, true, WantDown, down + ", normally up"},
		{0, false, true, WantOnce, down + ", normally up"},
		{0, true, false, WantUp, down + ", want up"},
		{0, true, false, WantDown, down},
		{0, true, false, WantOnce, down},
		{0, true, true, WantUp, down + ", want up"},
		{0, true, true, WantDown, down},
		{0, true, true, WantOnce, down},
		{1234, false, false, 'x', up},
		{0, false, false, 'x', down + ", normally up"},
	} {
		status := Status{Since: since, Pid: test.pid, Paused: test.paused, Want: test.want}
		if got := string(AppendText([]byte("a: "), status, test.normallyDown, now)); got != "a: "+test.text {
			t.Errorf("AppendText(%+v, %v) = %q, want %q", status, test.normallyDown, got, "a: "+test.text)
		}
	}
}

func TestAppendTextNumbers(t *testing.T) {
	now := time.Unix(1e9, 0)
	for _, test := range []struct {
		name   string
		status Status
		want   string
	}{
		{"the largest pid", Status{Since: LabelOf(now), Pid: 1<<32 - 1}, "up (pid 4294967295) 0 seconds"},
		{"the future", Status{Since: LabelOf(now.Add(time.Hour)), Pid: 1}, "up (pid 1) 0 seconds"},
		{"no record", Status{}, "down 4611686019427388416 seconds, normally up"},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := string(AppendText(nil, test.status, false, now)); got != test.want {
				t.Errorf("AppendText(%+v) = %q, want %q", test.status, got, test.want)
			}
		})
	}
}
