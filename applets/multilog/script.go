package multilog

import "math"

// What a log directory is limited to unless the script says otherwise, and
// what it may say.
const (
	defaultSize, minSize, maxSize = 99999, 4096, 16777215
	defaultKeep, minKeep          = 10, 2
)

// An action is one step in what is done with each line.
type action struct {
	kind    byte    // '+', '-', 'e', '=' or '.'
	pattern pattern // of + and -
	target  int     // of = and ., the index in the script's statuses or dirs
}

// A spec is a log directory as the script has it.
type spec struct {
	name      string
	size      int64   // bytes that a file may have
	keep      int     // files that there may be, the current one among them
	processor *string // nil means none; an empty command is one
}

// A script says what to do with each line.
type script struct {
	stamp    bool
	actions  []action
	statuses []string
	dirs     []spec
}

// parse reads a script. There are no wrong ones: what means nothing is
// ignored.
func parse(args []string) script {
	s := script{stamp: len(args) > 0 && first(args[0]) == 't'}
	next := spec{size: defaultSize, keep: defaultKeep}
	for _, arg := range args {
		switch kind := first(arg); kind {
		case '+', '-':
			s.actions = append(s.actions, action{kind: kind, pattern: compile(arg[1:])})
		case 'e':
			s.actions = append(s.actions, action{kind: kind})
		case '=':
			s.actions = append(s.actions, action{kind: kind, target: len(s.statuses)})
			s.statuses = append(s.statuses, arg[1:])
		case '.', '/':
			next.name = arg
			s.actions = append(s.actions, action{kind: '.', target: len(s.dirs)})
			s.dirs = append(s.dirs, next)
		case 's':
			next.size = int64(min(max(number(arg[1:]), minSize), maxSize))
		case 'n':
			next.keep = int(min(max(number(arg[1:]), minKeep), math.MaxInt))
		case '!':
			command := arg[1:]
			next.processor = &command
		}
	}
	return s
}

// first returns the first byte of arg, 0 if there is none.
func first(arg string) byte {
	if arg == "" {
		return 0
	}
	return arg[0]
}

// number returns the decimal number that text begins with, 0 if it does not.
// It wraps as the original's does.
func number(text string) (n uint64) {
	for i := 0; i < len(text) && '0' <= text[i] && text[i] <= '9'; i++ {
		n = n*10 + uint64(text[i]-'0')
	}
	return n
}
