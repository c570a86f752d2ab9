package web

import (
	"context"
	"errors"
	"log"
	"math"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"syn3d/applets/scc/agent"
)

const (
	loginPath  = "/login"
	logoutPath = "/logout"
)

func isAccess(path string) bool { return path == loginPath || path == logoutPath }

// maxChecks is how many may wait for their passwords to be checked, which is
// made to take long. It is done one after the other, so that it does not take
// more than one processor from the pages.
const maxChecks = 8

// access knows who has come in, and lets them in.
type access struct {
	site     *site
	owner    int  // who may do everything by a unix socket, besides root
	secure   bool // browsers come by TLS
	log      *log.Logger
	sessions sessions
	throttle throttle
	unknown  throttle // of what is said about unknown tokens
	checks   queue
	present  presence
}

func newAccess(s *site, c Config) *access {
	return &access{site: s, owner: c.Owner, secure: c.Certificate != nil, log: c.Log, checks: newQueue(maxChecks)}
}

// login shows the form, and takes it.
func (a *access) login(w http.ResponseWriter, r *http.Request, who identity) {
	next := localPath(r.FormValue("next"))
	switch {
	case onlyReads(r) && who.visitor.Role != "":
		http.Redirect(w, r, next, http.StatusSeeOther)
	case onlyReads(r):
		a.site.loginPage(w, r, http.StatusOK, "", next)
	case r.Method == http.MethodPost:
		a.logIn(w, r, next)
	default:
		w.Header().Set("Allow", "GET, HEAD, POST")
		http.Error(w, "This is a form to be filled in.", http.StatusMethodNotAllowed)
	}
}

// logIn begins a session, in place of any that there was, for who knows a name
// and its password.
func (a *access) logIn(w http.ResponseWriter, r *http.Request, next string) {
	account, wait, err := a.check(r)
	switch {
	case wait > 0:
		w.Header().Set("Retry-After", strconv.Itoa(int(math.Ceil(wait.Seconds()))))
		a.site.loginPage(w, r, http.StatusTooManyRequests, tooFast, next)
	case errors.Is(err, agent.ErrRefused):
		a.site.loginPage(w, r, http.StatusUnauthorized, refused, next)
	case err != nil:
		a.turnAway(w, r, err)
	default:
		a.sessions.finish(a.secretOf(r))
		secret, _ := a.sessions.begin(account)
		a.setCookie(w, secret)
		http.Redirect(w, r, next, http.StatusSeeOther)
	}
}

// check looks up the account of a form, unless one has to wait before that.
func (a *access) check(r *http.Request) (account agent.Account, wait time.Duration, err error) {
	conn, name := connectionOf(r), r.PostFormValue("name")
	wait, first := a.throttle.try(conn.network)
	if wait > 0 {
		if first {
			a.log.Printf("login as %s from %s not checked: too many attempts", quote(name), conn.from)
		}
		return account, wait, nil
	}
	account, err = a.checkInTurn(r.Context(), name, r.PostFormValue("password"))
	switch {
	case errors.Is(err, errBusy):
		a.log.Printf("login as %s from %s not checked: too many at once", quote(name), conn.from)
		a.throttle.retract(conn.network)
		return account, time.Second, nil
	case errors.Is(err, agent.ErrRefused):
		a.log.Printf("login as %s from %s refused", quote(name), conn.from)
	case err == nil:
		a.throttle.succeeded(conn.network)
		a.log.Printf("%s logged in from %s", quote(name), conn.from)
	default:
		a.throttle.retract(conn.network)
	}
	return account, 0, err
}

// checkInTurn keeps its place in the queue until the agent has answered, even if
// the client has left: the agent goes on.
func (a *access) checkInTurn(ctx context.Context, name, password string) (agent.Account, error) {
	leave, err := a.checks.enter(ctx)
	if err != nil {
		return agent.Account{}, err
	}
	defer leave()
	return a.site.agent.Login(context.WithoutCancel(ctx), name, password)
}

// logout ends a session. It is a form: a link could be followed by mistake.
func (a *access) logout(w http.ResponseWriter, r *http.Request, who identity) {
	if r.Method != http.MethodPost {
		w.Header().Set("Allow", "POST")
		http.Error(w, "Logging out needs the form for it.", http.StatusMethodNotAllowed)
		return
	}
	if who.visitor.Session {
		a.sessions.finish(a.secretOf(r))
		a.log.Printf("%s logged out from %s", quote(who.visitor.Name), who.visitor.From)
	}
	a.setCookie(w, "")
	http.Redirect(w, r, loginPath, http.StatusSeeOther)
}

// setCookie hands out the secret of a session, or takes it back if it is "".
func (a *access) setCookie(w http.ResponseWriter, secret string) {
	cookie := &http.Cookie{
		Name: a.cookieName(), Value: secret, Path: "/",
		HttpOnly: true, Secure: a.secure, SameSite: http.SameSiteStrictMode,
	}
	if secret == "" {
		cookie.MaxAge = -1
	}
	http.SetCookie(w, cookie)
}

// cookieName is, with TLS, one that browsers take only from this very host.
func (a *access) cookieName() string {
	if a.secure {
		return "__Host-scc"
	}
	return "scc"
}

func query(name, value string) string { return url.Values{name: {value}}.Encode() }

// quote makes a name that anybody may have made up fit for a line of the log.
func quote(name string) string {
	const limit = 64
	if len(name) > limit {
		name = strings.ToValidUTF8(name[:limit], "") + "..."
	}
	return strconv.QuoteToASCII(name)
}
