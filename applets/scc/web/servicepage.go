package web

import (
	"context"
	"net/http"
	"net/url"

	"syn3d/applets/scc/agent"
)

// A detail is all that there is to know of a service.
type detail struct {
	Service agent.Service
	Row     row
	Files   agent.Files
	Last    []shownLine // of its log
}

// lastLines is how many lines of the log the page of a service shows.
const lastLines = 15

func (s *site) servicePage(w http.ResponseWriter, r *http.Request) {
	name := r.PathValue("name")
	service, err := s.agent.Service(r.Context(), name)
	if err != nil {
		s.fail(w, r, failureOf(err))
		return
	}
	files, err := s.agent.Files(r.Context(), name)
	if err != nil {
		s.fail(w, r, failureOf(err))
		return
	}
	p := s.page(r, "service")
	p.Title = show(name)
	p.Detail = detail{Service: service, Row: p.row(&service, p.May()), Files: files}
	if service.HasLog {
		p.Detail.Last = s.lastOfLog(r.Context(), name)
	}
	s.render(w, http.StatusOK, "service", p)
}

// lastOfLog returns the last lines of a log, none if it cannot be read: the
// page of the log tells why.
func (s *site) lastOfLog(ctx context.Context, name string) (lines []shownLine) {
	s.agent.Log(ctx, name, agent.LogQuery{Lines: lastLines}, func(part agent.LogPart) error {
		lines = mark(part.Lines, "")
		return nil
	})
	return lines
}

// servicePath returns where the page of a service is.
func servicePath(name string) string { return "/services/" + url.PathEscape(name) }
