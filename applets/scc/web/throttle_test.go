package web

import (
	"net/netip"
	"strconv"
	"testing"
	"testing/synctest"
	"time"
)

func TestThrottle(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var throttle throttle
		var waits []time.Duration
		for range 14 {
			if wait, _ := throttle.try("a"); wait != 0 {
				t.Fatalf("waited, and has to wait for %v more", wait)
			}
			wait := time.Until(throttle.attempts["a"].next)
			waits = append(waits, wait/time.Second)
			if wait > 0 {
				got, first := throttle.try("a")
				_, second := throttle.try("a")
				if got != wait || !first || second {
					t.Fatalf("try = %v, %v, then %v, want %v, true, then false", got, first, second, wait)
				}
			}
			if wait, _ := throttle.try("b"); wait != 0 {
				t.Fatal("others have to wait")
			}
			throttle.succeeded("b")
			time.Sleep(wait)
		}
		want := []time.Duration{0, 0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300}
		for i := range want {
			if waits[i] != want[i] {
				t.Fatalf("the waits are %d, want %d", waits, want)
			}
		}
	})
}

func TestThrottleRetract(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var throttle throttle
		for range 10 {
			if wait, _ := throttle.try("a"); wait != 0 {
				t.Fatalf("has to wait for %v", wait)
			}
			throttle.retract("a")
		}
		throttle.retract("b")
	})
}

func TestThrottleForgets(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var throttle throttle
		for range freeAttempts {
			throttle.try("a")
		}
		time.Sleep(forgotten)
		if throttle.try("a"); throttle.attempts["a"].failed != 1 {
			t.Error("not forgotten")
		}
	})
}

func TestThrottleBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var throttle throttle
		for range freeAttempts + 3 {
			throttle.try("guesser")
			time.Sleep(longestWait)
		}
		throttle.try("guesser")
		for i := range 2 * maxThrottled {
			throttle.try(strconv.Itoa(i))
		}
		if got := len(throttle.attempts); got > maxThrottled {
			t.Errorf("%d are remembered", got)
		}
		if wait, _ := throttle.try("guesser"); wait == 0 {
			t.Error("who has to wait was forgotten for those who need not")
		}
	})
}

func TestNetworkOf(t *testing.T) {
	tests := map[string]string{
		"192.0.2.7":            "192.0.2.7",
		"2001:db8:1:2:3:4:5:6": "2001:db8:1:2::/64",
		"2001:db8:1:2::1":      "2001:db8:1:2::/64",
		"::1":                  "::/64",
	}
	for address, want := range tests {
		if got := networkOf(netip.MustParseAddr(address)); got != want {
			t.Errorf("networkOf(%s) = %s, want %s", address, got, want)
		}
	}
}
