package web

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"syn3d/applets/scc/agent"
)

// An identity is who makes a request, and by what we know.
type identity struct {
	visitor visitor         // zero: nobody knows
	over    context.Context // done when his session is over
	done    func()          // to be called when the request has been answered
}

// identify finds out who makes a request. A header that says for whom a proxy
// makes it is never believed: anybody can write one.
func (a *access) identify(r *http.Request) (identity, error) {
	conn := connectionOf(r)
	stranger := identity{visitor: visitor{From: conn.from}, over: context.Background(), done: func() {}}
	if token, ok := bearer(r); ok {
		return a.byToken(r, stranger, token)
	}
	if known, err := a.bySession(r, stranger); err != nil || known.visitor.Role != "" {
		return known, err
	}
	if conn.uid == 0 || conn.uid == a.owner {
		return stranger.as(agent.Account{Name: conn.from, Role: agent.Admin}, conn), nil
	}
	return stranger, nil
}

func (a *access) byToken(r *http.Request, stranger identity, token string) (identity, error) {
	conn := connectionOf(r)
	account, err := a.site.agent.Token(r.Context(), token)
	if errors.Is(err, agent.ErrRefused) {
		// Tokens cannot be guessed, so nobody need be slowed down, only the log.
		if wait, _ := a.unknown.try(conn.network); wait == 0 {
			a.log.Printf("unknown token from %s", conn.from)
		}
	}
	return stranger.as(account, conn), err
}

func (a *access) bySession(r *http.Request, stranger identity) (identity, error) {
	session, done := a.sessions.find(a.secretOf(r))
	if session == nil {
		return stranger, nil
	}
	account, err := a.sessions.accountOf(session, func(before agent.Account) (agent.Account, error) {
		return a.site.agent.Account(r.Context(), before.Name, before.Stamp)
	})
	if err != nil || account.Role == "" {
		done()
		return stranger, err
	}
	known := stranger.as(account, connectionOf(r))
	known.visitor.Session, known.visitor.CSRF = true, session.csrf
	known.over, known.done = session.ctx, both(done, known.done)
	return known, nil
}

// as makes the stranger the owner of an account, and his connection one to keep.
func (i identity) as(account agent.Account, conn *connection) identity {
	i.visitor.Account = account
	if account.Role != "" {
		i.done = conn.serving()
	}
	return i
}

func both(one, other func()) func() {
	return func() {
		one()
		other()
	}
}

// bearer returns the token of a request.
func bearer(r *http.Request) (token string, ok bool) {
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	return strings.TrimSpace(token), strings.EqualFold(scheme, "Bearer")
}

// secretOf returns the secret of the session that a request belongs to.
func (a *access) secretOf(r *http.Request) string {
	cookie, err := r.Cookie(a.cookieName())
	if err != nil {
		return ""
	}
	return cookie.Value
}

// turnAway answers who could not be identified.
func (a *access) turnAway(w http.ResponseWriter, r *http.Request, err error) {
	if errors.Is(err, agent.ErrRefused) {
		w.Header().Set("WWW-Authenticate", "Bearer")
		a.site.fail(w, r, failure{code: http.StatusUnauthorized, Key: "no_token"})
		return
	}
	if r.Context().Err() == nil { // else nobody is there to be answered
		a.log.Printf("warning: unable to ask the agent: %v", err)
	}
	a.site.fail(w, r, failure{code: http.StatusBadGateway, Key: "no_agent"})
}

// askWho has people log in, and then go on with what they asked for, and tells
// programs that they have to.
func (a *access) askWho(w http.ResponseWriter, r *http.Request) {
	if strings.Contains(r.Header.Get("Accept"), "text/html") {
		next := "/"
		if onlyReads(r) {
			next = r.URL.RequestURI()
		}
		http.Redirect(w, r, loginPath+"?"+query("next", next), http.StatusSeeOther)
		return
	}
	w.Header().Set("WWW-Authenticate", "Bearer")
	a.site.fail(w, r, failure{code: http.StatusUnauthorized, Key: "no_session"})
}
