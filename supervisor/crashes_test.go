package supervisor

import (
	"testing"
	"time"

	"syn3d/protocol"
)

// crashed returns a machine that has crashed so often, each time at once, and
// when it did last.
func crashed(times int) (m *Machine, at time.Time) {
	at = time.Now()
	m = NewMachine(false, at)
	for i := range times {
		if i > 0 {
			_, at = m.Next(at)
		}
		m.Started(1, at)
		m.Exited(protocol.ExitStatus{Code: 1}, growing, at)
	}
	return m, at
}

// same reports whether two moments are one, as far as a status tells.
func same(a, b time.Time) bool { return a.Sub(b).Abs() <= time.Microsecond }

// TestBackoff has a supervisor die in a row of crashes. With the next one it
// goes on as it would have.
func TestBackoff(t *testing.T) {
	for _, times := range []int{1, 4, 5, 6, 7, 9, 15} {
		first, at := crashed(times)
		later := at.Add(100 * time.Millisecond)
		second := Resume(first.Status(), first.Backoff(), growing, later)
		for range 3 {
			_, want := first.Next(later)
			if _, got := second.Next(later); !same(got, want) {
				t.Errorf("%d crashes: the next start is at %v, want %v", times, got, want)
			}
			if got, want := second.Looping(), first.Looping(); got != want {
				t.Errorf("%d crashes: Looping() = %v, want %v", times, got, want)
			}
			for _, m := range []*Machine{first, second} {
				m.Started(1, want)
				m.Exited(protocol.ExitStatus{Code: 1}, growing, want)
			}
			later = want
		}
	}
}

// TestBackoffPassed has no delay where there should be none, or another one.
func TestBackoffPassed(t *testing.T) {
	looping, at := crashed(9)
	_, grown := looping.Next(at)
	asked, _ := crashed(9)
	asked.Started(1, grown)
	asked.Control(protocol.Command('t'), grown)
	asked.Exited(protocol.ExitStatus{}, growing, grown)
	for _, test := range []struct {
		name    string
		machine *Machine
		backoff string
		delay   time.Duration
		now     time.Time
		want    time.Time
	}{
		{"kept", looping, looping.Backoff(), growing, at, grown},
		{"nothing kept", looping, "", growing, at, at.Add(Throttle)},
		{"no sense", looping, "x y", growing, at, at.Add(Throttle)},
		{"another delay", looping, looping.Backoff(), 7 * time.Second, at, at.Add(7 * time.Second)},
		{"the last end was asked for", asked, asked.Backoff(), growing, grown, grown.Add(Throttle)},
		{"the clock was set back", looping, looping.Backoff(), growing, at.Add(-time.Hour), at.Add(-time.Hour).Add(grown.Sub(at))},
		{"no minute is longer", looping, "99999999 1 2 3", growing, at, at.Add(Throttle)},
	} {
		m := Resume(test.machine.Status(), test.backoff, test.delay, test.now)
		if _, got := m.Next(test.now.Add(-time.Nanosecond)); !same(got, test.want) {
			t.Errorf("%s: the next start is at %v, want %v", test.name, got, test.want)
		}
	}
}

func TestParseCrashes(t *testing.T) {
	now := time.Now()
	for _, text := range []string{"", "8", "x", "0 1", "60 1 2 3 4 5", "8 5 6 7"} {
		want := text
		if len(text) < 2 {
			want = "none"
		}
		got := "none"
		if c := parseCrashes(text, now); c != nil {
			got = c.String()
		}
		if got != want {
			t.Errorf("parseCrashes(%q) is %q, want %q", text, got, want)
		}
	}
	if got := parseCrashes("99999 1", now).delay; got != maxDelay {
		t.Errorf("the delay is %v, want %v", got, maxDelay)
	}
	if n := parseCrashes("1 "+"1 2 3 4 5 6 7", now).within(now); n != 0 {
		t.Errorf("there were %d crashes in the last minute, want 0", n)
	}
}
