package integration

import "slices"

const (
	classicCommands = "udopchaitkx"
	encoreCommands  = "q12w"
)

// A state is one that a candid service can be in, and what each command does
// to it then. A command that is not listed changes nothing that can be seen.
type state struct {
	name     string
	files    []string // besides run
	commands string   // that lead into it
	signals  string   // that they send
	appearance
	reactions map[byte]appearance
}

// initial is how a service of the state looks before the commands.
func (s *state) initial() appearance {
	if slices.Contains(s.files, "down") {
		return appearance{"down", "\x00d", "", 0}
	}
	return appearance{"up", "\x00u", "", 1}
}

// entered is how it looks right after them.
func (s *state) entered() appearance {
	a := s.appearance
	if s.signals != "" {
		a.signals = s.signals
	}
	return a
}

const gone = "supervise not running"

var states = []state{
	{
		name:       "down",
		files:      []string{"down", ""},
		appearance: appearance{"down", "\x00d", "", 0},
		reactions: map[byte]appearance{
			'u': {"up, normally down", "\x00u", "", 1},
			'o': {"up, normally down", "\x00\x00", "", 1},
			'x': {gone, "\x00d", "", 0},
		},
	},
	{
		name:       "up",
		appearance: appearance{"up", "\x00u", "", 1},
		reactions: map[byte]appearance{
			'd': {"down, normally up", "\x00d", "CONT TERM", 1},
			'o': {"up", "\x00\x00", "", 1},
			'p': {"up, paused", "\x01u", "STOP", 1},
			'c': {"up", "\x00u", "CONT", 1},
			'h': {"up", "\x00u", "HUP", 1},
			'a': {"up", "\x00u", "ALRM", 1},
			'i': {"up", "\x00u", "INT", 1},
			't': {"up", "\x00u", "TERM", 2},
			'k': {"up", "\x00u", "", 2},
			'q': {"up", "\x00u", "QUIT", 1},
			'1': {"up", "\x00u", "USR1", 1},
			'2': {"up", "\x00u", "USR2", 1},
			'w': {"up", "\x00u", "WINCH", 1},
		},
	},
	{
		name:       "paused",
		commands:   "p",
		appearance: appearance{"up, paused", "\x01u", "STOP", 1},
		reactions: map[byte]appearance{
			'd': {"down, normally up", "\x00d", "CONT TERM", 1},
			'o': {"up, paused", "\x01\x00", "STOP", 1},
			'c': {"up", "\x00u", "CONT", 1},
			'k': {"up", "\x00u", "", 2},
		},
	},
	{
		name:       "stubborn",
		files:      []string{"stubborn", ""},
		commands:   "d",
		signals:    "CONT TERM",
		appearance: appearance{"up, want down", "\x00d", "", 1},
		reactions: map[byte]appearance{
			'u': {"up", "\x00u", "", 1},
			'd': {"up, want down", "\x00d", "CONT TERM", 1},
			'o': {"up", "\x00\x00", "", 1},
			'p': {"up, paused, want down", "\x01d", "STOP", 1},
			'c': {"up, want down", "\x00d", "CONT", 1},
			'h': {"up, want down", "\x00d", "HUP", 1},
			'a': {"up, want down", "\x00d", "ALRM", 1},
			'i': {"up, want down", "\x00d", "INT", 1},
			't': {"up, want down", "\x00d", "TERM", 1},
			'k': {"down, normally up", "\x00d", "", 1},
			'q': {"up, want down", "\x00d", "QUIT", 1},
			'1': {"up, want down", "\x00d", "USR1", 1},
			'2': {"up, want down", "\x00d", "USR2", 1},
			'w': {"up, want down", "\x00d", "WINCH", 1},
		},
	},
	{
		name:       "once",
		files:      []string{"down", ""},
		commands:   "o",
		appearance: appearance{"up, normally down", "\x00\x00", "", 1},
		reactions: map[byte]appearance{
			'u': {"up, normally down", "\x00u", "", 1},
			'd': {"down", "\x00d", "CONT TERM", 1},
			'p': {"up, normally down, paused", "\x01\x00", "STOP", 1},
			'c': {"up, normally down", "\x00\x00", "CONT", 1},
			'h': {"up, normally down", "\x00\x00", "HUP", 1},
			'a': {"up, normally down", "\x00\x00", "ALRM", 1},
			'i': {"up, normally down", "\x00\x00", "INT", 1},
			't': {"down", "\x00\x00", "TERM", 1},
			'k': {"down", "\x00\x00", "", 1},
			'q': {"up, normally down", "\x00\x00", "QUIT", 1},
			'1': {"up, normally down", "\x00\x00", "USR1", 1},
			'2': {"up, normally down", "\x00\x00", "USR2", 1},
			'w': {"up, normally down", "\x00\x00", "WINCH", 1},
		},
	},
	{
		name:       "exiting",
		commands:   "x",
		appearance: appearance{"up", "\x00u", "", 1},
		reactions: map[byte]appearance{
			'd': {gone, "\x00d", "CONT TERM", 1},
			'o': {"up", "\x00\x00", "", 1},
			'p': {"up, paused", "\x01u", "STOP", 1},
			'c': {"up", "\x00u", "CONT", 1},
			'h': {"up", "\x00u", "HUP", 1},
			'a': {"up", "\x00u", "ALRM", 1},
			'i': {"up", "\x00u", "INT", 1},
			't': {gone, "\x00u", "TERM", 1},
			'k': {gone, "\x00u", "", 1},
			'q': {"up", "\x00u", "QUIT", 1},
			'1': {"up", "\x00u", "USR1", 1},
			'2': {"up", "\x00u", "USR2", 1},
			'w': {"up", "\x00u", "WINCH", 1},
		},
	},
}
