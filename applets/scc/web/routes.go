package web

import "net/http"

// routes returns what answers the requests of visitors. Without a visitor, only
// what is open to everybody may be asked for: see open.
func (s *site) routes() http.Handler {
	return http.NewServeMux()
}

// open reports whether a request may be answered for everybody, whoever it is.
func open(r *http.Request) bool { return r.URL.Path == "/healthz" }
