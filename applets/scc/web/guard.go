package web

import (
	"context"
	"crypto/subtle"
	"errors"
	"net/http"
	"time"

	"syn3d/applets/scc/agent"
)

// A guard stands in front of the routes. It refuses what is not meant for us or
// comes from somewhere else, finds out who asks, and lets nobody change what he
// may only see.
type guard struct {
	*access
	routes  http.Handler
	hosts   hosts
	origins *http.CrossOriginProtection
	limits  limits
	ending  context.Context // done when streams have to end
}

func newGuard(ending context.Context, s *site, h hosts, c Config) *guard {
	return &guard{
		access:  newAccess(s, c),
		routes:  s.routes(),
		hosts:   h,
		origins: http.NewCrossOriginProtection(),
		limits:  usualLimits,
		ending:  ending,
	}
}

func (g *guard) ServeHTTP(plain http.ResponseWriter, r *http.Request) {
	w := paced{plain, g.limits.piece}
	defer w.hurry() // what is sent when we return
	protect(w.Header())
	if code := g.refuses(w, r); code != 0 {
		http.Error(w, refusal(code), code)
		return
	}
	who, err := g.identify(r)
	if err != nil {
		g.turnAway(w, r, err)
		return
	}
	defer who.done()
	leave, ok := g.present.enter(r, who.visitor.Name)
	if !ok {
		g.site.fail(w, r, failure{code: http.StatusTooManyRequests, Key: "too_many"})
		return
	}
	defer leave()
	ctx, cancel := context.WithCancel(context.WithValue(r.Context(), visitorKey{}, who.visitor))
	defer cancel()
	if onlyReads(r) {
		defer context.AfterFunc(g.ending, cancel)()
		defer context.AfterFunc(who.over, cancel)()
		go g.endWith(ctx, who, r, cancel) // until the request has been answered
	}
	g.pass(w, r.WithContext(ctx), who)
}

// refuses returns the status with which to refuse a request whoever makes it, 0
// if there is no reason to.
func (g *guard) refuses(w http.ResponseWriter, r *http.Request) (code int) {
	if !g.hosts.has(r) {
		return http.StatusMisdirectedRequest
	}
	if g.origins.Check(r) != nil {
		return http.StatusForbidden
	}
	return takeBody(w, r, g.limits.body)
}

func refusal(code int) string {
	switch code {
	case http.StatusMisdirectedRequest:
		return "The control centre is not known by this name. See --listen and --cert of scc."
	case http.StatusForbidden:
		return "This request comes from a page of another site."
	case http.StatusRequestEntityTooLarge:
		return "This is more than there is a use for."
	}
	return "The request did not come whole."
}

// pass lets a request go where it may go.
func (g *guard) pass(w http.ResponseWriter, r *http.Request, who identity) {
	switch {
	case r.URL.Path == loginPath:
		g.login(w, r, who)
	case r.URL.Path != logoutPath && who.visitor.Role == "" && !open(r):
		g.askWho(w, r)
	case !onlyReads(r) && who.visitor.Session && !who.hasForm(r):
		g.site.fail(w, r, failure{code: http.StatusForbidden, Key: "stale_form"})
	case r.URL.Path == logoutPath:
		g.logout(w, r, who)
	case !onlyReads(r) && !who.visitor.mayAct():
		g.site.fail(w, r, failure{code: http.StatusForbidden, Key: "may_not"})
	default:
		g.routes.ServeHTTP(w, r)
	}
}

// endWith ends a request that lasts, by cancel, when who makes it is no longer
// who he was: a stream goes on for hours, and his account or token may be taken
// away meanwhile.
func (g *guard) endWith(ctx context.Context, who identity, r *http.Request, cancel func()) {
	ticks := time.NewTicker(g.limits.known)
	defer ticks.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticks.C:
			if !g.isStill(who, r) {
				cancel()
			}
		}
	}
}

// isStill reports whether a request would be let pass as that of the same
// visitor. If the agent does not answer, that is not known yet.
func (g *guard) isStill(who identity, r *http.Request) bool {
	again, err := g.identify(r)
	if err != nil {
		return !errors.Is(err, agent.ErrRefused)
	}
	again.done()
	return again.visitor.Name == who.visitor.Name && again.visitor.Role == who.visitor.Role
}

func onlyReads(r *http.Request) bool {
	return r.Method == http.MethodGet || r.Method == http.MethodHead
}

// hasForm reports whether a request is from a form, or a script, of a page that
// the visitor got from us in this session.
func (i identity) hasForm(r *http.Request) bool {
	shown := r.Header.Get("X-CSRF-Token")
	if shown == "" {
		shown = r.PostFormValue("csrf")
	}
	return subtle.ConstantTimeCompare([]byte(shown), []byte(i.visitor.CSRF)) == 1
}
