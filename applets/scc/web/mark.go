package web

import (
	"strings"

	"syn3d/applets/scc/agent"
)

// A shownLine is a line of a log, in parts: those that a search has found, and
// those between them.
type shownLine struct {
	agent.LogLine
	Parts []linePart
}

type linePart struct {
	Text  string
	Found bool
}

// mark divides lines into what has been searched for and what has not.
func mark(lines []agent.LogLine, search string) []shownLine {
	shown := make([]shownLine, len(lines))
	for i, line := range lines {
		shown[i] = shownLine{line, parts(line.Text, search)}
	}
	return shown
}

func parts(text, search string) (parts []linePart) {
	add := func(text string, found bool) {
		if text != "" {
			parts = append(parts, linePart{text, found})
		}
	}
	lower, search := strings.ToLower(text), strings.ToLower(search)
	if search == "" || len(lower) != len(text) { // the offsets would not be the same
		add(text, false)
		return parts
	}
	for {
		at := strings.Index(lower, search)
		if at < 0 {
			add(text, false)
			return parts
		}
		end := at + len(search)
		add(text[:at], false)
		add(text[at:end], true)
		lower, text = lower[end:], text[end:]
	}
}
