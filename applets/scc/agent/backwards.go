package agent

import (
	"bytes"
	"io"
	"slices"
	"strings"

	"syn3d/protocol"
)

// chunkSize is how much of a file is read at once, in bytes.
const chunkSize = 64 << 10

// A part is one of a file.
type part struct {
	LogPart
	before int64 // the offset of the first line, or of how far the search has come
	read   int64 // how much was read
	size   int   // of the text of the lines
}

// backwards returns the last lines before an offset that a query asks for. It
// reads no more of the file than it needs, and of a search at most maxSearch.
func backwards(file io.ReaderAt, end int64, q LogQuery) part {
	b := backReader{file: file, pos: end, wanted: newWanted(q), enough: q.Lines, lines: []LogLine{}}
	limit := end - maxSearch
	for b.pos > 0 && !b.full() && b.pos > limit {
		if !b.readChunk() {
			break
		}
	}
	if b.pos == 0 && b.begun && !b.full() {
		b.take(b.rest, 0)
		b.before = 0
	}
	if b.before == end { // it is amid a line without end
		b.before = b.pos
	}
	slices.Reverse(b.lines)
	return part{LogPart{Lines: b.lines}, b.before, end - b.pos, b.size}
}

// A backReader goes through a file from an offset towards its beginning.
type backReader struct {
	file   io.ReaderAt
	wanted wanted
	enough int    // lines
	pos    int64  // what is before has not been read
	rest   []byte // what follows pos and belongs to a line that begins before it
	begun  bool
	long   bool      // rest is only the beginning of it
	lines  []LogLine // the last one first
	size   int       // of their text
	before int64     // the offset of the first line that was looked at
}

func (b *backReader) full() bool { return len(b.lines) >= b.enough || b.size >= maxPart }

// readChunk looks at the lines that begin in the chunk before pos, from the last
// one on until there are enough. It reports whether it could read.
func (b *backReader) readChunk() bool {
	chunk := make([]byte, min(b.pos, chunkSize), min(b.pos, chunkSize)+int64(len(b.rest)))
	at := b.pos - int64(len(chunk))
	if n, _ := b.file.ReadAt(chunk, at); n < len(chunk) {
		return false // it has become shorter
	}
	if !b.begun { // the newline that ends the last line begins none
		b.begun, b.before = true, b.pos
		chunk = bytes.TrimSuffix(chunk, []byte{'\n'})
	}
	text := append(chunk, b.rest...)
	for !b.full() {
		i := bytes.LastIndexByte(text, '\n')
		if i < 0 {
			break
		}
		b.take(text[i+1:], at+int64(i)+1)
		text = text[:i]
	}
	b.pos, b.rest = at, text
	if len(b.rest) > chunkSize { // only its beginning will be shown
		b.rest, b.long = b.rest[:chunkSize], true
	}
	return true
}

// take takes a line, which begins at an offset.
func (b *backReader) take(text []byte, at int64) {
	if b.wanted.is(text) {
		line := newLogLine(text)
		line.Cut = line.Cut || b.long
		b.lines, b.size = append(b.lines, line), b.size+len(line.Text)
	}
	b.before, b.long = at, false
}

// wanted tells which lines to show.
type wanted struct{ search string }

func newWanted(q LogQuery) wanted { return wanted{strings.ToLower(q.Search)} }

func (w wanted) is(line []byte) bool {
	return w.search == "" || strings.Contains(strings.ToLower(string(line)), w.search)
}

func newLogLine(text []byte) (line LogLine) {
	if len(text) > protocol.LabelTextSize && text[protocol.LabelTextSize] == ' ' {
		if label, ok := protocol.ParseLabel(text[:protocol.LabelTextSize]); ok {
			if line.At = protocol.Date(label.Time()); !line.At.IsZero() {
				text = text[protocol.LabelTextSize+1:]
			}
		}
	}
	if len(text) > maxLine {
		text, line.Cut = text[:maxLine], true
	}
	line.Text = visible(text)
	return line
}
