package web

import "net/http"

// A trouble is why somebody has to log in again.
type trouble string

const (
	refused trouble = "refused"  // wrong name or password
	tooFast trouble = "too_fast" // too many attempts
)

// loginPage shows the form with which to log in, and then go on to next, a path
// of this site.
func (s *site) loginPage(w http.ResponseWriter, r *http.Request, code int, why trouble, next string) {
	w.WriteHeader(code)
}
