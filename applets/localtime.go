package applets

import (
	"math"
	"strconv"
	"time"
)

// A clock tells the local time as localtime(3) does. The time package knows
// the rules of time zones, but no leap seconds.
type clock struct {
	location *time.Location
	leaps    []leap // of the zones that count them, "right/..."; else none

	// What has been looked up last: the offset from UTC, and from when to
	// before when it is in force.
	offset      int64
	since, till int64
}

// A date is a broken-down time.
type date struct{ year, month, day, hour, minute, second int }

// localClock returns the clock for $TZ.
func localClock() *clock {
	location, leaps := localZone()
	return &clock{location: location, leaps: leaps}
}

// date returns the local date of a second of Unix time. There is none for
// seconds in which the C library's int cannot hold the year.
func (c *clock) date(unix int64) (d date, ok bool) {
	const first, last, week = -67768040609740800, 67768036191676799, 7 * 86400
	if unix < first-week || unix > last+week { // too far for the time package
		return date{}, false
	}
	correction, within := c.leap(unix)
	local := unix + c.offsetAt(unix) - correction
	if local < first || local > last {
		return date{}, false
	}
	t := time.Unix(local, 0).UTC()
	year, month, day := t.Date()
	hour, minute, second := t.Clock()
	return date{year, int(month), day, hour, minute, second + within}, true
}

func (c *clock) offsetAt(unix int64) int64 {
	if unix >= c.since && unix < c.till {
		return c.offset
	}
	t := time.Unix(unix, 0).In(c.location)
	_, offset := t.Zone()
	start, end := t.ZoneBounds()
	c.offset, c.since, c.till = int64(offset), math.MinInt64, math.MaxInt64
	if !start.IsZero() {
		c.since = start.Unix()
	}
	if !end.IsZero() {
		c.till = end.Unix()
	}
	return c.offset
}

// leap returns by how much leap seconds have put the clock forward, and 1
// within an inserted one, which repeats the second before it as its 60th.
func (c *clock) leap(unix int64) (correction int64, within int) {
	for _, l := range c.leaps {
		if unix < l.when {
			break
		}
		within = 0
		if unix == l.when && l.correction > correction {
			within = 1
		}
		correction = l.correction
	}
	return correction, within
}

// append appends the date as tai64nlocal writes it.
func (d date) append(b []byte) []byte {
	b = strconv.AppendInt(b, int64(d.year), 10)
	b = appendTwo(append(b, '-'), d.month)
	b = appendTwo(append(b, '-'), d.day)
	b = appendTwo(append(b, ' '), d.hour)
	b = appendTwo(append(b, ':'), d.minute)
	return appendTwo(append(b, ':'), d.second)
}

func appendTwo(b []byte, n int) []byte { return append(b, '0'+byte(n/10), '0'+byte(n%10)) }
