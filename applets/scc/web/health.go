package web

import (
	"context"
	"errors"
	"io"
	"net/http"
	"time"

	"syn3d/applets/scc/agent"
)

// healthLimit is how long the agent may take to be healthy.
const healthLimit = 2 * time.Second

// healthz tells anybody whether the agent answers, and nothing else. It is
// asked for a service that cannot be, which costs it nothing.
func (s *site) healthz(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), healthLimit)
	defer cancel()
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	if _, err := s.agent.Service(ctx, ""); !errors.Is(err, agent.ErrNoService) {
		w.WriteHeader(http.StatusServiceUnavailable)
		io.WriteString(w, "the agent does not answer\n")
		return
	}
	io.WriteString(w, "ok\n")
}
