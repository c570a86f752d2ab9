package applets

import (
	"fmt"
	"math"
	"os"
	"testing"
)

func TestClock(t *testing.T) {
	const summer, winter = 1784800000, 1768500000 // of 2026
	dir := t.TempDir()
	if err := os.WriteFile(dir+"/Mine", zoneOf("XXX-3"), 0o644); err != nil {
		t.Fatal(err)
	}
	t.Setenv("TZDIR", dir)
	for _, test := range []struct {
		tz   string
		unix int64
		want string
	}{
		{"", summer, "2026-07-23 09:46:40"},
		{":", summer, "2026-07-23 09:46:40"},
		{"CET-1", summer, "2026-07-23 10:46:40"},
		{"CET-1CEST,M3.5.0,M10.5.0/3", summer, "2026-07-23 11:46:40"},
		{"CET-1CEST,M3.5.0,M10.5.0/3", winter, "2026-01-15 19:00:00"},
		{":CET-1CEST,M3.5.0,M10.5.0/3", summer, "2026-07-23 11:46:40"},
		{"CET-1CEST", summer, "2026-07-23 11:46:40"},
		{"<-03>3", summer, "2026-07-23 06:46:40"},
		{"Nowhere/City", summer, "2026-07-23 09:46:40"},
		{"Etc/GMT-3", summer, "2026-07-23 09:46:40"},
		{"CET-1,", summer, "2026-07-23 10:46:40"},
		{"Mine", summer, "2026-07-23 12:46:40"},
		{dir + "/Mine", summer, "2026-07-23 12:46:40"},
		{":" + dir + "/Mine", summer, "2026-07-23 12:46:40"},
		{dir, summer, "2026-07-23 09:46:40"},
		{"/dev/zero", summer, "2026-07-23 09:46:40"},
	} {
		t.Run(test.tz, func(t *testing.T) {
			t.Setenv("TZ", test.tz)
			c := localClock()
			for range 2 { // looked up, and remembered
				d, ok := c.date(test.unix)
				if got := string(d.append(nil)); !ok || got != test.want {
					t.Errorf("TZ=%q date(%d) = %s, %v, want %s", test.tz, test.unix, got, ok, test.want)
				}
			}
		})
	}
}

// The years that the C library's int can hold are those that have dates.
func TestClockEnds(t *testing.T) {
	const first, last = -67768040609740800, 67768036191676799
	for _, test := range []struct {
		unix int64
		want bool
	}{
		{first, true}, {first - 1, false}, {last, true}, {last + 1, false},
		{math.MinInt64, false}, {math.MaxInt64, false},
	} {
		if _, got := utc().date(test.unix); got != test.want {
			t.Errorf("date(%d) is there: %v, want %v", test.unix, got, test.want)
		}
	}
}

func TestLeap(t *testing.T) {
	c := clock{leaps: []leap{{100, 1}, {201, 2}, {302, 1}}} // the last is a second left out
	for _, test := range []struct {
		unix, correction int64
		within           int
	}{
		{99, 0, 0}, {100, 1, 1}, {101, 1, 0}, {200, 1, 0}, {201, 2, 1}, {202, 2, 0}, {302, 1, 0}, {303, 1, 0},
	} {
		if correction, within := c.leap(test.unix); correction != test.correction || within != test.within {
			t.Errorf("leap(%d) = %d, %d, want %d, %d", test.unix, correction, within, test.correction, test.within)
		}
	}
}

func TestAppendNano(t *testing.T) {
	for n, want := range map[uint32]string{
		0: "000000000", 1: "000000001", 123456789: "123456789", 999999999: "999999999",
		1000000000: "1000000000", math.MaxUint32: "" + "4294967295",
	} {
		if got := string(appendNano(nil, n)); got != want {
			t.Errorf("appendNano(%d) = %s, want %s", n, got, want)
		}
	}
}

func TestEightDigits(t *testing.T) {
	for n := uint32(0); n < 1e8; n += 9973 {
		if got, want := string(appendNano(nil, n)), fmt.Sprintf("%09d", n); got != want {
			t.Fatalf("appendNano(%d) = %s, want %s", n, got, want)
		}
	}
}
