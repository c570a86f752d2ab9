package web

import (
	"net/http"
	"strings"

	"syn3d/applets/scc/agent"
)

// A logView is a part of a log, and what is around it.
type logView struct {
	Name, Path string
	Query      agent.LogQuery
	Files      []agent.LogFile
	Lines      []shownLine
	Older      string // where the lines before are, "" at the beginning
	Newest     string // where the last lines are
}

// Live reports whether lines may follow.
func (v logView) Live() bool { return grows(v.Query) }

// Tail is where they come from.
func (v logView) Tail() string {
	path, query, _ := strings.Cut(logPath(v.Name, v.Query), "?")
	return path + "/events?" + query
}

func (s *site) logPage(w http.ResponseWriter, r *http.Request) {
	name := r.PathValue("name")
	query, ok := logQueryOf(r)
	if !ok {
		s.fail(w, r, failure{code: http.StatusBadRequest, Key: "wrong_query"})
		return
	}
	files, err := s.agent.Files(r.Context(), name)
	if err != nil {
		s.fail(w, r, failureOf(err))
		return
	}
	view := newLogView(name, query, files.Logs)
	err = s.agent.Log(r.Context(), name, query, func(part agent.LogPart) error {
		view.add(part)
		return nil
	})
	if err != nil {
		s.fail(w, r, failureOf(err))
		return
	}
	p := s.page(r, "log")
	p.Title = p.word("log_of", show(name))
	p.Log = view
	s.render(w, http.StatusOK, "log", p)
}

func newLogView(name string, query agent.LogQuery, files []agent.LogFile) logView {
	return logView{
		Name: name, Path: servicePath(name), Query: query, Files: files,
		Newest: logPath(name, agent.LogQuery{Search: query.Search, Lines: query.Lines}),
	}
}

func (v *logView) add(part agent.LogPart) {
	v.Lines = append(v.Lines, mark(part.Lines, v.Query.Search)...)
	if part.Next != nil {
		v.Older = logPath(v.Name, *part.Next)
	}
}
