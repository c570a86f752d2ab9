package multilog

import "bytes"

// maxNeedles is how many patterns are looked for in all of a text. With more
// of them, looking at the lines is cheaper.
const maxNeedles = 4

// A skimmer skips lines that no pattern can match, except for one that matches
// every line. Most lines that are filtered are such, and looking for a few
// bytes in a long text is much cheaper than looking at all of its lines.
type skimmer struct {
	needles []needle
	useless bool // all lines have to be looked at
}

// A needle is what a line must contain if a pattern is to match it.
type needle struct {
	text []byte
	at   int // where it is found next, behind the text if it is not
}

func newSkimmer(actions []action) (s skimmer) {
	selected := true // a line that might be skipped
	for _, a := range actions {
		switch {
		case a.kind == '.':
		case a.kind == 'e' || a.kind == '=':
			s.useless = s.useless || selected
		case a.pattern.all():
			selected = a.kind == '+'
		default:
			text := []byte(a.pattern.needle())
			s.needles = append(s.needles, needle{text: text})
			s.useless = s.useless || len(text) == 0
		}
	}
	s.useless = s.useless || len(s.needles) > maxNeedles
	return s
}

// reset has to be called when there is another text.
func (s *skimmer) reset() {
	for i := range s.needles {
		s.needles[i].at = -1
	}
}

// skip returns where to look next, if a line of text from at to next has been
// looked at. Whatever was decided about it holds up to there.
func (s *skimmer) skip(text []byte, at, next int) int {
	if s.useless {
		return next
	}
	found := len(text)
	for i := range s.needles {
		n := &s.needles[i]
		if n.at < at {
			n.at = len(text)
			if distance := bytes.Index(text[at:], n.text); distance >= 0 {
				n.at = at + distance
			}
		}
		found = min(found, n.at)
	}
	if found < next { // the line itself has one
		return next
	}
	return next + bytes.LastIndexByte(text[next:found], '\n') + 1
}
