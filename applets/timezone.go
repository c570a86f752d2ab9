package applets

import (
	"encoding/binary"
	"io"
	"os"
	"strings"
	"time"
)

// A leap tells from which second on how many leap seconds are to be taken off.
// They come in zones that count them, "right/...".
type leap struct{ when, correction int64 }

// localZone returns the time zone that $TZ means to the C library, which the
// time package reads otherwise, and its leap seconds.
func localZone() (*time.Location, []leap) {
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
	return location, leapSeconds(data)
}

// zoneFile returns the file of the time zone database that tz means.
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
