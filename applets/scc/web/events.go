package web

import (
	"maps"
	"net/http"
	"slices"

	"syn3d/applets/scc/agent"
)

// listEvents tells the list what has changed: rows that are now another one,
// names that have gone, and the summary. What the list shows already is not
// told again; if it shows something else in the beginning, it is told to load
// itself anew, by the event seen, whose word is then another one than its own.
func (s *site) listEvents(w http.ResponseWriter, r *http.Request) {
	c := changes{
		language: languageOf(r.Header.Get("Accept-Language")),
		may:      visitorOf(r).mayAct(),
		known:    map[string]row{},
	}
	serveEvents(w, r, s.agent.Watch, c.send)
}

// changes are what has been told of the services.
type changes struct {
	*language
	may   bool
	ready bool // all services have been told of
	known map[string]row
}

func (c *changes) send(out *stream, e agent.Event) error {
	switch {
	case e.Service != nil:
		return c.changed(out, e.Service)
	case e.Gone != "":
		return c.gone(out, e.Gone)
	case e.Ready:
		return c.begin(out)
	}
	return nil
}

// begin tells what the services were in the beginning, in a word.
func (c *changes) begin(out *stream) error {
	c.ready = true
	return out.event("seen", []byte(digest(c.rows())))
}

func (c *changes) changed(out *stream, s *agent.Service) error {
	now := c.row(s, c.may)
	before, known := c.known[s.Name]
	c.known[s.Name] = now
	if !c.ready || known && now == before {
		return nil
	}
	if err := out.event("row", c.fragment("row", now)); err != nil {
		return err
	}
	if known && now.Condition == before.Condition {
		return nil
	}
	return c.sum(out)
}

func (c *changes) gone(out *stream, name string) error {
	delete(c.known, name)
	if !c.ready {
		return nil
	}
	if err := out.event("gone", jsonLine(name)); err != nil {
		return err
	}
	return c.sum(out)
}

func (c *changes) sum(out *stream) error {
	return out.event("summary", c.fragment("summary", summarize(c.rows())))
}

// rows returns what is known, in the order of the names.
func (c *changes) rows() []row {
	rows := make([]row, 0, len(c.known))
	for _, name := range slices.Sorted(maps.Keys(c.known)) {
		rows = append(rows, c.known[name])
	}
	return rows
}
