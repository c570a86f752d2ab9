package web

import "net/http"

// A trouble is why somebody has to log in again.
type trouble string

const (
	refused trouble = "refused"  // wrong name or password
	tooFast trouble = "too_fast" // too many attempts
)

// A loginForm is what the page with the form shows.
type loginForm struct {
	Trouble trouble
	Next    string // where to go on, a path of this site
}

// loginPage shows the form with which to log in, and then go on to next, a path
// of this site.
func (s *site) loginPage(w http.ResponseWriter, r *http.Request, code int, why trouble, next string) {
	p := s.page(r, "log_in")
	p.Login = loginForm{why, next}
	s.render(w, code, "login", p)
}
