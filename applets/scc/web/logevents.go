package web

import (
	"context"
	"net/http"

	"syn3d/applets/scc/agent"
)

// logEvents tells the last lines of a log, and those that are written from now
// on: the event first has those that there are, lines has more.
func (s *site) logEvents(w http.ResponseWriter, r *http.Request) {
	query, ok := logQueryOf(r)
	if !ok || !grows(query) {
		s.fail(w, r, failure{code: http.StatusBadRequest, Key: "wrong_query"})
		return
	}
	query.Follow = true
	follow := func(ctx context.Context, tell func(agent.LogPart) error) error {
		return s.agent.Log(ctx, r.PathValue("name"), query, tell)
	}
	t := tail{language: languageOf(r.Header.Get("Accept-Language")), search: query.Search}
	serveEvents(w, r, follow, t.send)
}

// A tail is what has been told of the end of a log.
type tail struct {
	*language
	search string
	begun  bool
}

func (t *tail) send(out *stream, part agent.LogPart) error {
	name := "lines"
	if !t.begun {
		name, t.begun = "first", true
	}
	var html []byte
	if part.Rotated {
		html = t.fragment("lognote", "log_rotated")
	}
	if part.Skipped {
		html = append(html, t.fragment("lognote", "log_skipped")...)
	}
	return out.event(name, append(html, t.fragment("loglines", mark(part.Lines, t.search))...))
}
