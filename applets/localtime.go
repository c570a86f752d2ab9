package applets

import (
	"encoding/binary"
	"io"
	"math"
	"os"
	"strconv"
	"strings"
	"time"
)

// A clock tells the local time as localtime(3) does. The time package knows
// the rules of time zones, but has no leap seconds, and does not read $TZ as
// the C library does.
type clock struct {
	location *time.Location
	leaps    []leap // of the zones that count them, "right/..."; else none

	// What has been looked up last: the offset from UTC, and from when to
	// before when it is in force.
	offset      int64
	since, till int64
}

// A leap second: from when on what is to be taken off.
type leap struct{ when, correction int64 }

// A date is a broken-down time.
type date struct{ year, month, day, hour, minute, second int }

// localClock returns the clock for $TZ.
func localClock() *clock {
	const system = "/etc/localtime"
	tz, set := os.LookupEnv("TZ")
	if !set {
		tz = system
	}
	tz = strings.TrimPrefix(tz, ":")
	data := readZone(zoneFile(tz))
	location, err := time.LoadLocationFromTZData("", data)
	if err != nil {
		data = zoneOf(tz)
		location, _ = time.LoadLocationFromTZData("", data)
	}
	return &clock{location: location, leaps: leapSeconds(data)}
}

func zoneFile(tz string) string {
	if strings.HasPrefix(tz, "/") {
		return tz
	}
	dir := os.Getenv("TZDIR")
	if dir == "" {
		dir = "/usr/share/zoneinfo"
	}
	return dir + "/" + tz
}

// readZone returns what is in a file of the time zone database, which is as
// small as a few kilobytes; nothing, if it cannot be read.
func readZone(name string) []byte {
	const most = 1 << 20
	file, err := os.Open(name)
	if err != nil {
		return nil
	}
	defer file.Close()
	data, _ := io.ReadAll(io.LimitReader(file, most))
	return data
}

// A file of the time zone database, see tzfile(5), begins with a header of
// that size, whose last 24 bytes are six numbers of things.
const zoneHeader = 44

// zoneOf returns such a file for the rules in tz, written as POSIX has it.
// Files have rules at their end, for the time that follows all changes that
// they list: here, that is all time, as none are listed. Rules that cannot be
// understood mean UTC.
func zoneOf(tz string) []byte {
	empty := make([]byte, zoneHeader)
	copy(empty, "TZif2")
	utc := append(make([]byte, zoneHeader), "\x00\x00\x00\x00\x00\x00"+"\x00"...)
	copy(utc, "TZif2")
	utc[39], utc[43] = 1, 1 // one offset, and one byte of names
	if offset, _, _ := strings.Cut(tz, ","); strings.ContainsFunc(offset, notInOffset) {
		tz = ""
	}
	return append(append(empty, utc...), "\n"+tz+"\n"...)
}

// notInOffset reports whether a character cannot be in the names and offsets
// that rules begin with. The time package would take it for part of a name.
func notInOffset(c rune) bool {
	letter := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
	return !letter && (c < '0' || c > '9') && !strings.ContainsRune("+-:<>", c)
}

// leapSeconds returns the leap seconds in a file, which is known to be whole.
func leapSeconds(data []byte) (leaps []leap) {
	if data[4] < '2' { // times of 32 bits only
		return nil
	}
	count := func(i int) int { return int(binary.BigEndian.Uint32(data[20+4*i:])) }
	const utcs, stds, leapcnt, times, offsets, chars = 0, 1, 2, 3, 4, 5
	data = data[zoneHeader+count(times)*5+count(offsets)*6+count(chars)+count(leapcnt)*8+count(stds)+count(utcs):]
	table := data[zoneHeader+count(times)*9+count(offsets)*6+count(chars):]
	for ; len(leaps) < count(leapcnt); table = table[12:] {
		when := int64(binary.BigEndian.Uint64(table))
		correction := int32(binary.BigEndian.Uint32(table[8:]))
		leaps = append(leaps, leap{when, int64(correction)})
	}
	return leaps
}

// date returns the local date of a second of Unix time. There is none for
// seconds in which the C library's int cannot hold the year.
func (c *clock) date(unix int64) (d date, ok bool) {
	const far = 1 << 56 // behind such years; more would overflow below
	if unix < -far || unix > far {
		return date{}, false
	}
	correction, within := c.leap(unix)
	local := time.Unix(unix+c.offsetAt(unix)-correction, 0).UTC()
	year, month, day := local.Date()
	hour, minute, second := local.Clock()
	if years := year - 1900; years < math.MinInt32 || years > math.MaxInt32 {
		return date{}, false
	}
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
