package applets

import (
	"encoding/binary"

	"syn3d/protocol"
)

func tai64nlocal([]string) error {
	l := localizer{clock: localClock()}
	return filterStandard(l.translate)
}

// A localizer puts the local time in the place of labels that lines begin
// with.
type localizer struct {
	clock  *clock
	inLine bool // the input so far ends within a line, behind its label

	// Most lines have the second of the line before.
	sec  uint64
	text []byte // of sec; empty before the first
}

func (l *localizer) translate(out, text []byte, last bool) (translated, rest []byte) {
	for len(text) > 0 {
		if !l.inLine && text[0] == '@' {
			if !last && protocol.EndsInLabel(text) {
				return out, text
			}
			out, text = l.cutLabel(out, text)
		}
		var line []byte
		line, text, l.inLine = cutLine(text)
		out = append(out, line...)
	}
	return out, nil
}

// cutLabel appends the time of the label that text begins with, and returns
// what follows. If that is no label, or no time that the C library has a date
// for, text remains as it is.
func (l *localizer) cutLabel(out, text []byte) (translated, rest []byte) {
	label, ok := protocol.ParseLabel(text)
	if !ok || !l.turnTo(label) {
		return out, text
	}
	out = append(out, l.text...)
	return appendNano(out, label.Nano), text[protocol.LabelTextSize:]
}

// turnTo makes l.text that of the second of label, if it has a date.
func (l *localizer) turnTo(label protocol.Label) bool {
	if label.Sec == l.sec && len(l.text) > 0 {
		return true
	}
	date, ok := l.clock.date(label.Unix())
	if !ok {
		return false
	}
	l.sec, l.text = label.Sec, append(date.append(l.text[:0]), '.')
	return true
}

// appendNano appends n with nine digits, or ten, if that is no fraction of a
// second.
func appendNano(b []byte, n uint32) []byte {
	if n >= 1e9 {
		b = append(b, '0'+byte(n/1e9))
		n %= 1e9
	}
	b = append(b, '0'+byte(n/1e8))
	return binary.BigEndian.AppendUint64(b, eightDigits(n%1e8))
}

// eightDigits returns the digits of n as text, the first in the highest byte.
// It halves numbers of four digits, then of two, all at once: one digit after
// the other would be most of the work of tai64nlocal.
func eightDigits(n uint32) uint64 {
	x := uint64(n/10000)<<32 | uint64(n%10000)
	hundreds := x * 5243 >> 19 & 0x0000007f0000007f
	x = hundreds<<16 | (x - 100*hundreds)
	tens := x * 103 >> 10 & 0x000f000f000f000f
	x = tens<<8 | (x - 10*tens)
	return x + 0x0101010101010101*'0'
}
