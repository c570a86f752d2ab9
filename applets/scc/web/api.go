package web

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"strings"

	"syn3d/applets/scc/agent"
)

// An apiError is what programs are told instead of what they have asked for.
type apiError struct {
	Error string `json:"error"`
}

// jsonLine returns a value as the commands print it with --json. The values
// are ours, and none of them can fail.
func jsonLine(value any) []byte {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		panic(err)
	}
	return b.Bytes()
}

func sendJSON(w http.ResponseWriter, code int, value any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(code)
	w.Write(jsonLine(value))
}

func (s *site) apiServices(w http.ResponseWriter, r *http.Request) {
	services, err := s.agent.Services(r.Context(), true)
	if services == nil {
		services = []agent.Service{}
	}
	s.answer(w, r, services, err)
}

func (s *site) apiService(w http.ResponseWriter, r *http.Request) {
	service, err := s.agent.Service(r.Context(), r.PathValue("name"))
	s.answer(w, r, service, err)
}

func (s *site) apiLog(w http.ResponseWriter, r *http.Request) {
	query, ok := logQueryOf(r)
	if !ok {
		s.fail(w, r, failure{code: http.StatusBadRequest, Key: "wrong_query"})
		return
	}
	part := agent.LogPart{Lines: []agent.LogLine{}}
	err := s.agent.Log(r.Context(), r.PathValue("name"), query, func(p agent.LogPart) error {
		part.Lines, part.Next = append(part.Lines, p.Lines...), p.Next
		return nil
	})
	s.answer(w, r, part, err)
}

// answer answers a program with a value, or with why there is none.
func (s *site) answer(w http.ResponseWriter, r *http.Request, value any, err error) {
	if err != nil {
		s.fail(w, r, failureOf(err))
		return
	}
	sendJSON(w, http.StatusOK, value)
}

// apiAction does something to a service and answers with it as it is then. To
// who accepts lines of JSON it tells how it goes, too.
func (s *site) apiAction(w http.ResponseWriter, r *http.Request, action agent.Action) {
	if strings.Contains(r.Header.Get("Accept"), linesType) {
		s.apiProgress(w, r, action)
		return
	}
	var done *agent.Service
	err := s.agent.Act(r.Context(), r.PathValue("name"), action, visitorOf(r).by(), func(p agent.Progress) error {
		done = p.Done
		return nil
	})
	switch {
	case err == nil && done == nil:
		s.fail(w, r, failureOf(io.ErrUnexpectedEOF))
	case err == nil && done.Result != nil && !done.Result.OK:
		sendJSON(w, http.StatusConflict, done)
	default:
		s.answer(w, r, done, err)
	}
}

const linesType = "application/x-ndjson"

// apiProgress tells how an action goes. What fails before there is anything to
// tell is answered as always, what fails later is the last line.
func (s *site) apiProgress(w http.ResponseWriter, r *http.Request, action agent.Action) {
	var out *stream
	err := s.agent.Act(r.Context(), r.PathValue("name"), action, visitorOf(r).by(), func(p agent.Progress) error {
		if out == nil {
			out = begin(w, linesType)
		}
		return out.send(jsonLine(p))
	})
	switch {
	case err == nil:
	case out == nil:
		s.fail(w, r, failureOf(err))
	default:
		out.send(jsonLine(apiError{failureOf(err).text(english)}))
	}
}
