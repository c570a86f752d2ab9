package multilog

import (
	"bytes"
	"strings"
)

// A pattern is compiled: what the line must begin with, and what is to be
// found behind that, one after the other.
type pattern struct {
	prefix string
	skips  []skip
	open   bool // it ends in a star: the rest of the line does not matter
}

// A skip is a star and what stands behind it. It leads to the first occurrence
// of a byte, where text must stand: there is no way back if it does not.
type skip struct {
	to   byte
	text string // begins with to, or is empty; see compile
}

// compile reads a pattern. There are no wrong ones.
func compile(text string) pattern {
	var p pattern
	p.prefix, text, p.open = strings.Cut(text, "*")
	for p.open && text != "" {
		s := skip{to: text[0]}
		if s.to == '*' {
			// The second of two stars is first the byte to be found, and then
			// a star once more.
			text = text[1:]
		} else {
			s.text, text, p.open = strings.Cut(text, "*")
		}
		p.skips = append(p.skips, s)
	}
	return p
}

// match reports whether all of line matches.
func (p *pattern) match(line []byte) bool {
	if len(line) < len(p.prefix) || string(line[:len(p.prefix)]) != p.prefix {
		return false
	}
	line = line[len(p.prefix):]
	for i := range p.skips {
		s := &p.skips[i]
		at := bytes.IndexByte(line, s.to)
		if at < 0 {
			return false
		}
		line = line[at:]
		if len(line) < len(s.text) || string(line[:len(s.text)]) != s.text {
			return false
		}
		line = line[len(s.text):]
	}
	return p.open || len(line) == 0
}

// all reports whether it is clear that every line matches.
func (p *pattern) all() bool { return p.open && p.prefix == "" && len(p.skips) == 0 }

// needle returns something that every line has in it that matches, the longer
// the better; nothing if there need not be anything.
func (p *pattern) needle() string {
	longest := p.prefix
	for _, s := range p.skips {
		text := s.text
		if text == "" {
			text = string([]byte{s.to})
		}
		if len(text) > len(longest) {
			longest = text
		}
	}
	return longest
}
