package web

import (
	"net/http"

	"syn3d/applets/scc/agent"
)

// An actionView is an action that is being done, or has been.
type actionView struct {
	Name, Path string
	Action     agent.Action
}

// actionPage does something to a service and shows how it goes: by a page that
// grows, or, to the scripts of a page, by its pieces.
func (s *site) actionPage(w http.ResponseWriter, r *http.Request, action agent.Action) {
	p := s.page(r, "service")
	name := r.PathValue("name")
	p.Action = actionView{name, servicePath(name), action}
	p.Title = p.word(string(action)+"_doing", show(name))
	a := actionAnswer{page: p, w: w, pieces: r.Header.Get("Accept") == piecesType}
	err := s.agent.Act(r.Context(), name, action, p.Visitor.by(), a.progress)
	if err != nil && a.out == nil {
		s.fail(w, r, failureOf(err))
		return
	}
	if err != nil {
		a.piece("broken", failureOf(err).text(p.language))
	}
	a.end()
}

// piecesType is what the scripts accept: pieces of HTML, each a JSON string in
// a line.
const piecesType = "application/x-html-pieces"

// An actionAnswer is what is told of an action.
type actionAnswer struct {
	page   *page
	w      http.ResponseWriter
	pieces bool
	out    *stream // nil before there is something to tell
}

func (a *actionAnswer) progress(p agent.Progress) error {
	if p.Done != nil {
		return a.piece("outcome", outcome{p.Done, a.page.Action.Action})
	}
	return a.piece("progress", p.Line)
}

// An outcome is what has come of an action.
type outcome struct {
	*agent.Service
	Action agent.Action
}

func (a *actionAnswer) piece(name string, data any) error {
	if a.out == nil {
		a.begin()
	}
	return a.send(a.page.fragment(name, data))
}

func (a *actionAnswer) begin() {
	if a.pieces {
		a.out = begin(a.w, piecesType)
		a.send(a.page.fragment("doing", a.page))
		return
	}
	htmlHeader(a.w, a.page.language)
	a.out = begin(a.w, a.w.Header().Get("Content-Type"))
	a.send(a.page.fragment("action_begin", a.page))
}

func (a *actionAnswer) end() {
	if a.out != nil && !a.pieces {
		a.send(a.page.fragment("action_end", a.page))
	}
}

func (a *actionAnswer) send(html []byte) error {
	if a.pieces {
		html = jsonLine(string(html))
	}
	return a.out.send(html)
}
