package web

import (
	"errors"
	"net/http"
	"strings"

	"syn3d/applets/scc/agent"
)

// A failure is why a request is answered by none of what was asked for.
type failure struct {
	code   int
	Key    string // the key of the words that say it
	Detail string // what else there is to say, in nobody's language
}

// failureOf returns what an agent's error means for a request.
func failureOf(err error) failure {
	switch {
	case errors.Is(err, agent.ErrNoService):
		return failure{code: http.StatusNotFound, Key: "no_service"}
	case errors.Is(err, agent.ErrNoFile):
		return failure{code: http.StatusNotFound, Key: "no_file"}
	}
	return failure{code: http.StatusBadGateway, Key: "no_agent", Detail: err.Error()}
}

// text returns the failure in a line.
func (f failure) text(l *language) string {
	if f.Detail == "" {
		return l.word(f.Key)
	}
	return l.word(f.Key) + " (" + show(f.Detail) + ")"
}

// fail answers a request with a failure: to people with a page, to programs
// with an object, in English.
func (s *site) fail(w http.ResponseWriter, r *http.Request, f failure) {
	if strings.HasPrefix(r.URL.Path, api+"/") {
		sendJSON(w, f.code, apiError{f.text(english)})
		return
	}
	p := s.page(r, f.Key)
	if r.Header.Get("Accept") == piecesType {
		sendPiece(w, f.code, p.fragment("broken", f.text(p.language)))
		return
	}
	p.Failure = f
	s.render(w, f.code, "failure", p)
}

// sendPiece answers the scripts of a page with the only piece that there is.
func sendPiece(w http.ResponseWriter, code int, html []byte) {
	w.Header().Set("Content-Type", piecesType)
	w.WriteHeader(code)
	w.Write(jsonLine(string(html)))
}
