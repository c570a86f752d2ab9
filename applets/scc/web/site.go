package web

import (
	"net/http"

	"syn3d/applets/scc/agent"
)

// A site answers requests.
type site struct {
	agent *agent.Client
}

// A visitor is who has made a request, once that is known.
type visitor struct {
	agent.Account
	From string // "192.0.2.7", or "uid 0" by a socket
	// CSRF is what every form of his has to carry in the field csrf, and every
	// request of the scripts that changes something in the header X-CSRF-Token.
	// It is "" for who comes with a token or by the socket.
	CSRF string
	// Session says that he has logged in with a password and can log out.
	Session bool
}

// mayAct reports whether the visitor may do something to services.
func (v visitor) mayAct() bool { return v.Role == agent.Admin }

// by tells the agent's record who asked.
func (v visitor) by() string {
	if v.Name == v.From { // by a socket
		return v.Name
	}
	return v.Name + " from " + v.From
}

// visitorOf returns who has made a request that the guard has let pass.
func visitorOf(r *http.Request) visitor {
	v, _ := r.Context().Value(visitorKey{}).(visitor)
	return v
}

type visitorKey struct{}
