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
	return time.Unix(l.Unix(), int64(l.Nano))
}

// Date returns t in UTC, or the zero time if its year has not four digits:
// RFC 3339, and so JSON, has no words for it.
func Date(t time.Time) time.Time {
	if t = t.UTC(); t.Year() < 0 || t.Year() > 9999 {
		return time.Time{}
	}
	return t
}

// Unix returns the seconds since 1970, whatever the nanoseconds are.
func (l Label) Unix() int64 { return int64(l.Sec - tai64Epoch) }

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

// LabelTextSize is the length of a Label as text.
const LabelTextSize = 1 + 2*LabelSize

// AppendLabelText appends l as text to b: @ and 24 hexadecimal digits.
func AppendLabelText(b []byte, l Label) []byte {
	b = append(b, '@')
	b = appendHex(b, uint32(l.Sec>>32))
	b = appendHex(b, uint32(l.Sec))
	return appendHex(b, l.Nano)
}

func appendHex(b []byte, n uint32) []byte {
	const digits = "0123456789abcdef"
	return append(b, digits[n>>28], digits[n>>24&15], digits[n>>20&15], digits[n>>16&15],
		digits[n>>12&15], digits[n>>8&15], digits[n>>4&15], digits[n&15])
}

// ParseLabel reads the label that text begins with. More than 24 digits are
// none, and upper-case letters are no digits.
func ParseLabel(text []byte) (l Label, ok bool) {
	if len(text) < LabelTextSize || text[0] != '@' {
		return Label{}, false
	}
	if len(text) > LabelTextSize && isLabelDigit(text[LabelTextSize]) {
		return Label{}, false
	}
	high, bad1 := nibbles(text[1:])
	low, bad2 := nibbles(text[9:])
	nano, bad3 := nibbles(text[17:])
	return Label{uint64(pack(high))<<32 | uint64(pack(low)), pack(nano)}, bad1|bad2|bad3 == 0
}

// EndsInLabel reports whether text ends before ParseLabel can tell if it
// begins with a label.
func EndsInLabel(text []byte) bool {
	if len(text) > LabelTextSize || len(text) > 0 && text[0] != '@' {
		return false
	}
	for i := 1; i < len(text); i++ {
		if !isLabelDigit(text[i]) {
			return false
		}
	}
	return true
}

func isLabelDigit(c byte) bool { return c >= '0' && c <= '9' || c >= 'a' && c <= 'f' }

// nibbles returns the values of eight lower-case hexadecimal digits, each in a
// byte. What is none leaves something in bad. It works on all of them at once,
// which matters: reading labels is most of the work of who reads logs.
func nibbles(text []byte) (values, bad uint64) {
	const each = 0x0101010101010101
	x := binary.BigEndian.Uint64(text)
	letters := x >> 6 & each // a 1 in the place of each letter
	values = x&(0x0f*each) + 9*letters
	above9 := (values + 6*each) >> 4 & each // a 1 in the place of each value above 9
	written := values + '0'*each + ('a'-10-'0')*above9
	return values, values&(0xf0*each) | x ^ written
}

// pack puts the values of eight digits together.
func pack(values uint64) uint32 {
	pairs := (values | values>>4) & 0x00ff00ff00ff00ff
	fours := (pairs | pairs>>8) & 0x0000ffff0000ffff
	return uint32(fours | fours>>16)
}
