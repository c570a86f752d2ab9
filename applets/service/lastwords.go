package service

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"syn3d/protocol"
)

const (
	lastLines = 5    // how many of them an administrator wants to see
	lineSize  = 200  // how much of each
	tailSize  = 8192 // where to look for them

	// logMoment is how long a logger may take to write what has been said.
	logMoment = 100 * time.Millisecond
)

// A log is where what a service says can be read: the file current of its
// logger, or the title of a readproctitle. It remembers where that ended.
type log struct {
	dir     string // of the service
	current string // "" if there is none
	info    os.FileInfo
	title   string // without current: what readproctitle showed
}

// listen begins to listen to a service. A list of processes of a moment ago will
// do; nil stands for none.
func listen(dir string, list *Processes) *log {
	l := &log{dir: dir, current: CurrentLog(dir)}
	if l.current == "" {
		if list == nil {
			list = &Processes{all: processes()}
		}
		_, l.title = readProcTitle(dir, list.all)
		return l
	}
	l.info, _ = os.Stat(l.current)
	return l
}

// words returns the last lines that the service has said since, and where they
// were found. If there are none yet, it gives the logger a moment, but not if
// told to be quick.
func (l *log) words(quick bool) (lines []string, source string) {
	for deadline := time.Now().Add(logMoment); ; time.Sleep(logMoment / 10) {
		if lines, source = l.look(); quick || len(lines) > 0 || time.Now().After(deadline) {
			return lines, source
		}
	}
}

func (l *log) look() (lines []string, source string) {
	if l.current == "" { // the logger may only have begun meanwhile
		l.current = CurrentLog(l.dir)
	}
	if l.current == "" {
		reader, title := readProcTitle(l.dir, processes())
		// The original has put ? in the place of a newline.
		said := scrolledIn(l.title, title)
		return lastOf(strings.FieldsFunc(said, func(r rune) bool { return r == '?' || r == '\n' })), reader
	}
	return lastOf(strings.Split(string(l.tail()), "\n")), l.current
}

// tail returns the end of what has been logged since l was made.
func (l *log) tail() []byte {
	f, err := os.Open(l.current)
	if err != nil {
		return nil
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil
	}
	from := max(0, info.Size()-tailSize)
	// Rotated meanwhile, it is another file, and new from the beginning.
	if l.info != nil && os.SameFile(l.info, info) {
		from = max(from, l.info.Size())
	}
	text, _ := io.ReadAll(io.NewSectionReader(f, from, info.Size()-from))
	if from > 0 && info.Size()-from == tailSize {
		_, text, _ = bytes.Cut(text, []byte{'\n'}) // the first line is not whole
	}
	return text
}

// lastOf returns the last lines that are not empty, fit to be shown.
func lastOf(lines []string) (last []string) {
	for _, line := range lines {
		if line = presentable(line); strings.Trim(line, ". ") != "" {
			last = append(last, line)
		}
	}
	return last[max(0, len(last)-lastLines):]
}

// presentable returns a line with a local time for its label, not too long,
// and without what would do something to a terminal.
func presentable(line string) string {
	label, rest, _ := strings.Cut(line, " ")
	if l, ok := parseLabel(label); ok {
		line = l.Time().Local().Format("2006-01-02 15:04:05.000000") + " " + rest
	}
	if len(line) > lineSize {
		line = line[:lineSize] + "..."
	}
	return strings.Map(func(r rune) rune {
		if r < ' ' && r != '\t' || r == 0x7f || r >= 0x80 && r < 0xa0 {
			return '?'
		}
		return r
	}, strings.ToValidUTF8(line, "?"))
}

// parseLabel reads a label as multilog writes it: @ and 24 hexadecimal digits.
func parseLabel(text string) (l protocol.Label, ok bool) {
	if len(text) != 1+2*protocol.LabelSize || text[0] != '@' {
		return l, false
	}
	var seconds, nano uint64
	if seconds, ok = hexadecimal(text[1:17]); !ok {
		return l, false
	}
	nano, ok = hexadecimal(text[17:])
	return protocol.Label{Sec: seconds, Nano: uint32(nano)}, ok
}

func hexadecimal(digits string) (n uint64, ok bool) {
	for _, d := range []byte(digits) {
		i := strings.IndexByte("0123456789abcdef", d)
		if i < 0 {
			return 0, false
		}
		n = n<<4 | uint64(i)
	}
	return n, true
}

// CurrentLog returns the file to which the log of a service writes now. Any
// logger will do that is given a directory and keeps a file current in it:
// multilog, svlogd, s6-log.
func CurrentLog(dir string) string {
	dir += "/" + protocol.LogDir
	for _, words := range [][]string{runningLogger(dir), words(dir + "/" + protocol.RunFile)} {
		for _, word := range words {
			if word == "" || word[0] != '.' && word[0] != '/' {
				continue
			}
			if !filepath.IsAbs(word) {
				word = dir + "/" + word
			}
			current := filepath.Clean(word) + "/current"
			if info, err := os.Stat(current); err == nil && info.Mode().IsRegular() {
				return current
			}
		}
	}
	return ""
}

// runningLogger returns the arguments of the logger that runs in dir: a shell
// has put in by now what variables there were.
func runningLogger(dir string) []string {
	status, err := protocol.ReadStatus(dir)
	if err != nil || !status.Up() {
		return nil
	}
	line, _ := os.ReadFile(procFile(int(status.Pid), "cmdline"))
	return strings.Split(string(line), "\x00")
}

// words returns the words of a run script.
func words(file string) []string {
	text, _ := protocol.ReadSmall(file)
	return strings.FieldsFunc(string(text), func(r rune) bool { return strings.ContainsRune(" \t\n\"';&|", r) })
}
