package multilog

import (
	"bufio"
	"bytes"
	"slices"
	"time"

	"syn3d/protocol"

	"golang.org/x/sys/unix"
)

const (
	// lineMax is how much of a line patterns and e and = can see. What is
	// longer need not be in memory at once.
	lineMax = 1000

	// textSize leaves room for the beginning of a line in front of a full
	// read. Stamps of short lines need more: then a read is dealt with in
	// several parts.
	textSize = lineMax + pipeSize

	// gatherSize is how much of scattered lines is gathered for a write.
	gatherSize = 16 << 10
)

// lines does with text what a script says.
type lines struct {
	script   *script
	skim     skimmer
	statuses []*status
	dirs     []*logDir
	outputs  []output  // one for each of dirs
	text     []byte    // not yet dealt with; its capacity is never changed
	late     []*status // to be written, the one that was set last at the end
	inLine   bool      // text continues a line about which has been decided
}

// An output is a directory and what of the text is to be appended to it.
type output struct {
	gather   *bufio.Writer
	selected bool // the line at hand, and all since from
	from     int
}

func newLines(s *script) *lines {
	return &lines{script: s, skim: newSkimmer(s.actions), text: make([]byte, 0, textSize)}
}

// add adds the next log directory of the script. At first, all is selected.
func (l *lines) add(d *logDir) {
	l.dirs = append(l.dirs, d)
	l.outputs = append(l.outputs, output{gather: bufio.NewWriterSize(d, gatherSize), selected: true})
}

// readAll deals with all input. read returns how many bytes it has put into
// the buffer, 0 at the end.
func (l *lines) readAll(read func(buffer []byte) int) {
	if l.script.stamp {
		l.readStamped(read)
	} else {
		l.readPlain(read)
	}
	if l.inLine || len(l.text) > 0 {
		l.text = append(l.text, '\n')
		l.take()
	}
}

func (l *lines) readPlain(read func(buffer []byte) int) {
	for {
		n := read(l.text[len(l.text):cap(l.text)])
		if n == 0 {
			return
		}
		l.text = l.text[:len(l.text)+n]
		l.take()
	}
}

func (l *lines) readStamped(read func(buffer []byte) int) {
	raw := make([]byte, pipeSize)
	var s stamper
	for {
		n := read(raw)
		if n == 0 {
			return
		}
		// One look at the clock does for all that a read has found. It has
		// come since the read before, and is written before the next.
		s.now(protocol.LabelOf(time.Now()))
		for rest := raw[:n]; len(rest) > 0; l.take() {
			l.text, rest = s.stamp(l.text, rest)
		}
	}
}

// take deals with the text and leaves only the beginning of a line about which
// cannot be decided yet. All that could be written has been, then.
func (l *lines) take() {
	for i := range l.outputs {
		l.outputs[i].from = 0
	}
	done := l.finishLine()
	if !l.inLine {
		done = l.takeLines(done)
	}
	l.flush(done)
	l.text = l.text[:copy(l.text, l.text[done:])]
}

// finishLine returns the end of the line that the text continues.
func (l *lines) finishLine() int {
	if !l.inLine {
		return 0
	}
	end := bytes.IndexByte(l.text, '\n') + 1
	if l.inLine = end == 0; l.inLine {
		return len(l.text)
	}
	return end
}

// takeLines decides about the lines that begin at the offset at, and returns
// where the first begins about which it cannot.
func (l *lines) takeLines(at int) int {
	l.skim.reset()
	for at < len(l.text) {
		line := l.text[at:]
		size := bytes.IndexByte(line, '\n')
		if size < 0 {
			if len(line) < lineMax {
				return at
			}
			l.inLine = true
			l.decide(line[:lineMax], at)
			return len(l.text)
		}
		l.decide(line[:min(size, lineMax)], at)
		at = l.skim.skip(l.text, at, at+size+1)
	}
	return at
}

// decide does what the script says with a line, the text at the offset at.
func (l *lines) decide(line []byte, at int) {
	selected := true
	for i := range l.script.actions {
		switch a := &l.script.actions[i]; a.kind {
		case '+':
			selected = selected || a.pattern.match(line)
		case '-':
			selected = selected && !a.pattern.match(line)
		case 'e':
			if selected {
				report(line)
			}
		case '=':
			if selected {
				l.setStatus(l.statuses[a.target], line)
			}
		case '.':
			if o := &l.outputs[a.target]; o.selected != selected {
				o.turn(l.text, at)
			}
		}
	}
}

// turn ends or begins what is selected of the text.
func (o *output) turn(text []byte, at int) {
	if o.selected {
		o.gather.Write(text[o.from:at])
	}
	o.selected = !o.selected
	o.from = at
}

// setStatus makes line the content of a status file, when the text has been
// dealt with: nobody could tell if each line had been. Two files may be one,
// therefore the one that is set last is written last.
func (l *lines) setStatus(s *status, line []byte) {
	s.line = line
	if n := len(l.late); n > 0 && l.late[n-1] == s {
		return
	}
	l.late = append(slices.DeleteFunc(l.late, func(other *status) bool { return other == s }), s)
}

// flush writes what the script wants of the first done bytes of the text.
func (l *lines) flush(done int) {
	for _, s := range l.late {
		s.write()
	}
	l.late = l.late[:0]
	for i := range l.outputs {
		o := &l.outputs[i]
		if o.selected {
			o.gather.Write(l.text[o.from:done])
		}
		o.gather.Flush()
	}
}

// rotate begins new files.
func (l *lines) rotate() {
	for _, d := range l.dirs {
		if d.size > 0 {
			d.rotate()
		}
	}
}

// report prints a line, or the beginning of a long one, on standard error.
func report(line []byte) {
	const most = 200
	var message [most + len("...\n")]byte
	end := "\n"
	if len(line) > most {
		line, end = line[:most], "...\n"
	}
	unix.Write(stderr, append(append(message[:0], line...), end...))
}
