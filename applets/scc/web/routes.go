package web

import (
	"net/http"
	"slices"
	"strings"

	"syn3d/applets/scc/agent"
)

// routes returns what answers the requests of visitors. Without a visitor, only
// what is open to everybody may be asked for: see open.
func (s *site) routes() http.Handler {
	mux := http.NewServeMux()
	handle := func(pattern string, m methods) {
		mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) { s.dispatch(w, r, m) })
	}
	handle("/", methods{"GET": s.notFound})
	handle("/{$}", methods{"GET": s.listPage})
	handle("/events", methods{"GET": s.listEvents})
	handle("/services/{name}", methods{"GET": s.servicePage})
	handle("/services/{name}/events", methods{"GET": s.serviceEvents})
	handle("/services/{name}/log", methods{"GET": s.logPage})
	handle("/services/{name}/log/events", methods{"GET": s.logEvents})
	handle(api+"/", methods{"GET": s.notFound})
	handle(api+"/services", methods{"GET": s.apiServices})
	handle(api+"/services/{name}", methods{"GET": s.apiService})
	handle(api+"/services/{name}/log", methods{"GET": s.apiLog})
	for _, action := range agent.Actions() {
		path := "/services/{name}/" + string(action)
		handle(path, methods{"POST": s.acting(action, s.actionPage)})
		handle(api+path, methods{"POST": s.acting(action, s.apiAction)})
	}
	handle("/metrics", methods{"GET": s.metrics})
	handle("/healthz", methods{"GET": s.healthz})
	handle(staticPath+"{version}/{file}", methods{"GET": s.static})
	return mux
}

// open reports whether a request may be answered for everybody, whoever it is.
func open(r *http.Request) bool {
	return r.URL.Path == "/healthz" || strings.HasPrefix(r.URL.Path, staticPath)
}

// api is where programs ask.
const api = "/api/v1"

// methods are what may be done with something, and how.
type methods map[string]http.HandlerFunc

// dispatch has a request answered by that of its method.
func (s *site) dispatch(w http.ResponseWriter, r *http.Request, m methods) {
	method := r.Method
	if method == http.MethodHead {
		method = http.MethodGet
	}
	if handle := m[method]; handle != nil {
		handle(w, r)
		return
	}
	w.Header().Set("Allow", m.allowed())
	s.fail(w, r, failure{code: http.StatusMethodNotAllowed, Key: "wrong_method"})
}

func (m methods) allowed() string {
	var names []string
	for name := range m {
		names = append(names, name)
		if name == http.MethodGet {
			names = append(names, http.MethodHead)
		}
	}
	slices.Sort(names)
	return strings.Join(names, ", ")
}

// acting returns a handler that does something to a service for those who may.
func (s *site) acting(action agent.Action, do func(http.ResponseWriter, *http.Request, agent.Action)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if !visitorOf(r).mayAct() {
			s.fail(w, r, failure{code: http.StatusForbidden, Key: "may_not"})
			return
		}
		do(w, r, action)
	}
}

func (s *site) notFound(w http.ResponseWriter, r *http.Request) {
	s.fail(w, r, failure{code: http.StatusNotFound, Key: "no_page"})
}
