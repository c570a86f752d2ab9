package protocol

import (
	"encoding/binary"
	"math"
	"time"
)

// tai64Epoch is the TAI64 second of 1970-01-01 00:00:00: 2^62 and the ten
// seconds that TAI was then ahead. The original has no table of leap
// seconds, so the distance to Unix time never changes.
const tai64Epoch = 1<<62 + 10

// LabelSize is the size in bytes of an encoded Label.
const LabelSize = 12

// A Label is a moment as TAI64N has it. Unlike time.Time it can hold every
// value that the twelve bytes can, however absurd.
type Label struct {
	Sec  uint64 // TAI seconds, 2^62 at the epoch
	Nano uint32 // nanoseconds; not checked to be below a thousand million
}

// LabelOf returns the label of t. Its nanoseconds are those of the original,
// which knows microseconds and adds 500.
func LabelOf(t time.Time) Label {
	micros := uint32(t.Nanosecond() / 1000)
	return Label{uint64(t.Unix()) + tai64Epoch, micros*1000 + 500}
}

// Time returns the moment of l.
func (l Label) Time() time.Time {
	return time.Unix(int64(l.Sec-tai64Epoch), int64(l.Nano))
}

// Age returns the whole seconds from l to now, 0 if l lies in the future.
// Nanoseconds do not count. A distance too large for a float64's 53 bits is
// rounded to one, as in the original.
func (l Label) Age(now time.Time) uint64 {
	sec := LabelOf(now).Sec
	if sec < l.Sec {
		return 0
	}
	age := sec - l.Sec
	if age >= math.MaxInt64 { // the conversion back would overflow
		return age
	}
	return uint64(float64(age))
}

// AppendLabel appends the twelve bytes of l to b: seconds, then nanoseconds,
// both big-endian.
func AppendLabel(b []byte, l Label) []byte {
	b = binary.BigEndian.AppendUint64(b, l.Sec)
	return binary.BigEndian.AppendUint32(b, l.Nano)
}

// decodeLabel reads the first twelve bytes of b.
func decodeLabel(b []byte) Label {
	return Label{binary.BigEndian.Uint64(b), binary.BigEndian.Uint32(b[8:])}
}
