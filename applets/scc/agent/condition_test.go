package agent

import (
	"math"
	"testing"
	"time"

	"syn3d/applets/service"
)

func TestConditionOf(t *testing.T) {
	const watch = 2 * time.Second
	down := func(want, boot string, seconds uint64) service.State {
		return service.State{Supervised: true, Want: want, Boot: boot, Seconds: seconds}
	}
	up := func(seconds uint64) service.State {
		return service.State{Supervised: true, Up: true, Want: "up", Boot: "up", Seconds: seconds}
	}
	troubled := func(s service.State) service.State { s.Trouble = "CAUTION"; return s }
	judged := func(s service.State, ok bool) service.State { s.Verified = &service.Verification{OK: ok}; return s }
	paused := up(9)
	paused.Paused = true
	stopping := up(9)
	stopping.Want = "down"

	future := up(0)
	future.Since = time.Now().Add(time.Hour)

	tests := []struct {
		what  string
		state service.State
		signs signs
		want  Condition
		again time.Duration
	}{
		{"without a supervisor", service.State{}, signs{}, Missing, 0},
		{"down", down("down", "down", 9), signs{}, Down, 0},
		{"down, normally up", down("down", "up", 9), signs{}, DownAmiss, 0},
		{"ran once", down("once", "down", 9), signs{}, Down, 0},
		{"about to be started", down("up", "up", 1), signs{}, Starting, 4 * time.Second},
		{"cannot be started", down("up", "up", 5), signs{}, Crashing, 0},
		{"waits as it says", down("up", "up", 5), signs{delayed: true}, Starting, 0},
		{"crashed once", troubled(down("up", "up", 1)), signs{crashes: 1}, Starting, 4 * time.Second},
		{"crashed twice", troubled(down("up", "up", 1)), signs{crashes: 2}, Crashing, 0},
		{"restarted twice, or crashed, nobody knows", up(0), signs{watch: watch, crashes: 2}, Unverified, watch},
		{"crashes, nobody knows how", up(0), signs{watch: watch, crashes: 3}, Crashing, settled},
		{"paused", paused, signs{}, Paused, 0},
		{"told to stop", stopping, signs{}, Stopping, 0},
		{"is being watched", up(1), signs{watch: watch}, Unverified, time.Second},
		{"has lasted", up(2), signs{watch: watch}, Verified, 0},
		{"since before the clock was set back", future, signs{watch: watch}, Verified, 0},
		{"since an absurd time", up(math.MaxUint64), signs{watch: watch}, Verified, 0},
		{"its script is about to run", up(0), signs{watch: watch, scripted: true}, Unverified, lookAgain},
		{"its script runs", up(9), signs{watch: watch, scripted: true, claimed: true}, Starting, 0},
		{"its script has not run", up(9), signs{watch: watch, scripted: true}, Unverified, 0},
		{"works", judged(up(0), true), signs{scripted: true}, Verified, 0},
		{"does not work", judged(up(0), false), signs{scripted: true, watch: watch}, Unverified, 0},
	}
	for _, test := range tests {
		got, again := conditionOf(test.state, test.signs)
		if got != test.want || again != test.again {
			t.Errorf("%s: %s, again after %s, want %s, %s", test.what, got, again, test.want, test.again)
		}
	}
}
