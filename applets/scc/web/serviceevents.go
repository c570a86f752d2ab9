package web

import (
	"bytes"
	"context"
	"net/http"

	"syn3d/applets/scc/agent"
)

// serviceEvents tells the page of a service how it is now, what has happened
// to it, and that it has gone.
func (s *site) serviceEvents(w http.ResponseWriter, r *http.Request) {
	f := follower{
		language: languageOf(r.Header.Get("Accept-Language")),
		may:      visitorOf(r).mayAct(),
		name:     r.PathValue("name"),
		recent:   func() ([]agent.Moment, error) { return s.recent(r.Context(), r.PathValue("name")) },
	}
	serveEvents(w, r, s.agent.Watch, f.send)
}

func (s *site) recent(ctx context.Context, name string) ([]agent.Moment, error) {
	files, err := s.agent.Files(ctx, name)
	return files.Recent, err
}

// A follower is what has been told of a service.
type follower struct {
	*language
	may    bool
	name   string
	recent func() ([]agent.Moment, error)
	shown  []byte // how it is, as the page shows it
	state  []byte // that without what changes all the time
}

func (f *follower) send(out *stream, e agent.Event) error {
	switch {
	case e.Service != nil && e.Service.Name == f.name:
		return f.changed(out, *e.Service)
	case e.Gone == f.name, e.Ready && f.state == nil:
		return out.event("gone", jsonLine(f.name))
	}
	return nil
}

func (f *follower) changed(out *stream, service agent.Service) error {
	service.Seconds = 0
	if service.Log != nil {
		log := *service.Log
		log.Seconds = 0
		service.Log = &log
	}
	if shown := jsonLine(service); !bytes.Equal(shown, f.shown) {
		f.shown = shown
		now := detail{Service: service, Row: f.row(&service, f.may)}
		if err := out.event("now", f.fragment("now", now)); err != nil {
			return err
		}
	}
	service.Usage = nil
	state := jsonLine(service)
	if bytes.Equal(state, f.state) {
		return nil
	}
	f.state = state
	return f.happened(out)
}

// happened tells what has happened to the service. That it has gone meanwhile
// is told by an event of its own.
func (f *follower) happened(out *stream) error {
	moments, err := f.recent()
	if err != nil {
		return nil
	}
	return out.event("recent", f.fragment("recent", moments))
}
