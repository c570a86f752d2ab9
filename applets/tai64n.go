package applets

import (
	"bytes"
	"time"

	"syn3d/protocol"
)

func tai64n([]string) error {
	s := stamper{now: time.Now}
	return filterStandard(s.translate)
}

// A stamper puts a label in front of every line.
type stamper struct {
	now    func() time.Time
	label  []byte
	inLine bool // the input so far ends within a line
}

// translate asks for the time once: whatever of text has come first, all of
// it has been read just now.
func (s *stamper) translate(out, text []byte, _ bool) (translated, rest []byte) {
	s.label = protocol.AppendLabelText(s.label[:0], protocol.LabelOf(s.now()))
	s.label = append(s.label, ' ')
	for len(text) > 0 {
		if !s.inLine {
			out = append(out, s.label...)
		}
		var line []byte
		line, text, s.inLine = cutLine(text)
		out = append(out, line...)
	}
	return out, nil
}

// cutLine returns the first line of text with its newline, and what follows
// it. If there is no newline, all of text is part of a line.
func cutLine(text []byte) (line, rest []byte, part bool) {
	end := bytes.IndexByte(text, '\n') + 1
	if end == 0 {
		return text, nil, true
	}
	return text[:end], text[end:], false
}
