package multilog

import (
	"bytes"

	"syn3d/protocol"
)

// stampSize is that of a label and a space.
const stampSize = protocol.LabelTextSize + 1

// A stamper puts a label in front of each line.
type stamper struct {
	text   [stampSize]byte
	inLine bool // the input so far ends within a line
}

// now sets the label for the lines that follow.
func (s *stamper) now(label protocol.Label) {
	protocol.AppendLabelText(s.text[:0], label)
	s.text[stampSize-1] = ' '
}

// stamp appends input, with labels, to out, as far as there is room. It
// returns what did not fit.
func (s *stamper) stamp(out, input []byte) (stamped, rest []byte) {
	for len(input) > 0 && cap(out)-len(out) > stampSize {
		if !s.inLine {
			out = append(out, s.text[:]...)
		}
		n := bytes.IndexByte(input, '\n') + 1
		if n == 0 {
			n = len(input)
		}
		n = min(n, cap(out)-len(out))
		out = append(out, input[:n]...)
		s.inLine = input[n-1] != '\n'
		input = input[n:]
	}
	return out, input
}
