package main

import (
	"bytes"
	"encoding/binary"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

func TestServiceProgram(t *testing.T) {
	program, err := serviceProgram()
	if err != nil {
		t.Skip(err)
	}
	file := t.TempDir() + "/run"
	if err := os.WriteFile(file, program, 0o755); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(file)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	before := now()
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { cmd.Process.Kill(); cmd.Wait() }()
	var said record
	if err := binary.Read(out, binary.NativeEndian, &said); err != nil {
		t.Fatal(err)
	}

	born := said.service()
	if born.pid != cmd.Process.Pid || born.born < before || born.born > now() {
		t.Errorf("service %d says that it is %d, born at %v, want between %v and now",
			cmd.Process.Pid, born.pid, born.born, before)
	}
}

func TestTrueProgram(t *testing.T) {
	program, err := trueProgram()
	if err != nil {
		t.Skip(err)
	}
	file := t.TempDir() + "/true"
	if err := os.WriteFile(file, program, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := exec.Command(file).Run(); err != nil {
		t.Errorf("true: %v, want success", err)
	}
}

func TestText(t *testing.T) {
	for _, length := range []int{20, 120, 2000} {
		for name, test := range map[string]struct {
			lines  []byte
			length int
		}{
			"text":     {text(length), length},
			"labelled": {labelled(length), length + len("@400000006b042b62000001f4 ")},
		} {
			if len(test.lines) < pipeSize*9/10 {
				t.Errorf("%s(%d) has %d bytes, want about %d", name, length, len(test.lines), pipeSize)
			}
			for line := range bytes.Lines(test.lines) {
				if len(line) != test.length {
					t.Fatalf("%s(%d) has a line of %d bytes, want %d: %s", name, length, len(line), test.length, line)
				}
			}
		}
	}
}

func TestGoals(t *testing.T) {
	c := contest{what: "logging", unit: "s/GiB"}
	for _, test := range []struct {
		name            string
		goal            goal
		targets, missed int
	}{
		{"a ratio reached", goal{reference, 0.1}, 1, 0},
		{"a ratio missed", goal{reference, 0.09}, 1, 1},
		{"a value reached", goal{ours, 1}, 1, 0},
		{"a value missed", goal{ours, 0.9}, 1, 1},
		{"nobody to be compared with", goal{"s6", 1}, 0, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := report{results: results{}}
			r.note(cell{what: c.what, suite: reference}, 0, 10)
			r.note(cell{what: c.what, suite: ours}, 0, 1)
			r.goal(c, test.goal)
			if r.targets != test.targets || len(r.missed) != test.missed {
				t.Errorf("goal(%v): %d of %d missed, want %d of %d", test.goal, len(r.missed), r.targets, test.missed, test.targets)
			}
		})
	}
}

func TestEntryLacks(t *testing.T) {
	missing := t.TempDir() + "/multilog"
	if got := (entry{argv: []string{missing, "./log"}}).lacks(); got != missing {
		t.Errorf("lacks() = %q, want %q", got, missing)
	}
	if got := (entry{argv: []string{"/bin/sh"}}).lacks(); got != "" {
		t.Errorf("lacks() = %q, want nothing", got)
	}
}

func TestRatios(t *testing.T) {
	r, q := results{}, question{rows: []row{{what: "memory"}}}
	add := func(suite string, round int, values ...float64) { r.add(q, 100, suite, round, values) }
	add(reference, 0, 4)
	add(reference, 1, 10)
	add(reference, 2, 0)
	add(ours, 0, 2)
	add(ours, 1, 1)
	add(ours, 2, 7) // nothing to compare with
	add(ours, 3, 7) // nor here
	add("s6", 0)

	for _, test := range []struct {
		suite string
		want  []float64
	}{
		{reference, []float64{1, 1}},
		{ours, []float64{0.1, 0.5}},
		{"s6", nil},
	} {
		if got := r.ratios(cell{"memory", 100, test.suite}, reference); !slices.Equal(got, test.want) {
			t.Errorf("ratios(%s) = %v, want %v", test.suite, got, test.want)
		}
	}
}

func TestMedian(t *testing.T) {
	for _, test := range []struct {
		values []float64
		want   float64
	}{
		{[]float64{3}, 3},
		{[]float64{1, 4}, 2.5},
		{[]float64{1, 2, 9}, 2},
		{[]float64{1, 2, 4, 9}, 3},
	} {
		if got := median(test.values); got != test.want {
			t.Errorf("median(%v) = %v, want %v", test.values, got, test.want)
		}
	}
}

func TestFigures(t *testing.T) {
	for value, want := range map[float64]string{
		0: "0", 7: "7", 1234.5: "1234", 147.3: "147", 14.73: "14.7", 2.654: "2.65", 0.5: "0.50", 0.0456: "0.046",
	} {
		if got := figures(value); got != want {
			t.Errorf("figures(%v) = %q, want %q", value, got, want)
		}
	}
}

func TestNames(t *testing.T) {
	var asked, kept []string
	for _, q := range append(questions(), idle) {
		asked = append(asked, q.name)
	}
	for _, m := range (&bench{}).matches() {
		asked = append(asked, m.name)
	}
	for _, s := range suites("") {
		kept = append(kept, s.name)
	}
	if got := strings.Join(asked, ","); got != everyQuestion {
		t.Errorf("questions are %q, everyQuestion = %q", got, everyQuestion)
	}
	if got := strings.Join(kept, ","); got != everySuite {
		t.Errorf("suites are %q, everySuite = %q", got, everySuite)
	}
}

func TestBetween(t *testing.T) {
	const console = "[    0.500000] Linux\r\n[    1.250000] Run /init as init process\r\nhello\r\n[    1.375000] a service runs\r\n[    2.0] a service runs\r\n"
	got, err := between(strings.NewReader(console), atInit, atService)
	if err != nil || got != 125 {
		t.Errorf("between = %v, %v, want 125", got, err)
	}
	if _, err := between(strings.NewReader("[ 1.0] a service runs\n"), atInit, atService); err == nil {
		t.Error("between finds what is not there")
	}
}
