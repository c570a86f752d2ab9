package web

import (
	"bytes"
	"embed"
	"html/template"
	"net/http"
	"os"
	"sync"
	"time"
)

//go:embed templates
var templateFiles embed.FS

// A page is what the templates show: the frame, and one of what follows it.
type page struct {
	*language
	Title    string
	Host     string // this machine's name
	Visitor  visitor
	LoggedIn bool // there is a visitor
	Now      time.Time

	Failure failure
	Login   loginForm
	List    list
	Detail  detail
	Log     logView
	Action  actionView
}

// page returns the frame of an answer, with the words of a key as its title.
func (s *site) page(r *http.Request, title string) *page {
	l := languageOf(r.Header.Get("Accept-Language"))
	host, _ := os.Hostname()
	v := visitorOf(r)
	return &page{
		language: l, Title: l.word(title), Host: host,
		Visitor: v, LoggedIn: v.Role != "", Now: time.Now(),
	}
}

// May reports whether the page shows what only those may use who may act.
func (p *page) May() bool { return p.Visitor.mayAct() }

// Zone is that of the times that no script has changed.
func (p *page) Zone() string { return zone(p.Now) }

// templatesFor returns the templates with the words of each language.
var templatesFor = sync.OnceValue(func() map[*language]*template.Template {
	sets := map[*language]*template.Template{}
	for _, l := range languages {
		set := template.New("").Funcs(template.FuncMap{
			"t": l.word, "count": l.count, "size": l.size, "percent": l.percent, "exit": l.exit,
			"ago":     func(t time.Time) string { return l.ago(time.Since(t)) },
			"lasting": func(t time.Time) string { return l.lasting(time.Since(t)) },
			"seconds": func(n float64) string { return l.lasting(time.Duration(n * float64(time.Second))) },
			"bytes":   func(n int64) uint64 { return uint64(max(0, n)) },
			"show":    show, "stamp": stamp, "stampfine": stampFine, "clock": clock, "clockfine": clockFine, "asset": assetPath,
		})
		sets[l] = template.Must(set.ParseFS(templateFiles, "templates/*.html"))
	}
	return sets
})

// fragment returns a template's HTML. The templates are ours: one that fails
// is a mistake, which the tests find.
func (l *language) fragment(name string, data any) []byte {
	var b bytes.Buffer
	if err := templatesFor()[l].ExecuteTemplate(&b, name, data); err != nil {
		panic(err)
	}
	return b.Bytes()
}

// render answers with a page.
func (s *site) render(w http.ResponseWriter, code int, name string, p *page) {
	body := p.fragment(name, p)
	htmlHeader(w, p.language)
	w.WriteHeader(code)
	w.Write(body)
}

func htmlHeader(w http.ResponseWriter, l *language) {
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Language", l.Tag)
	h.Set("Cache-Control", "no-store")
	h.Set("Vary", "Accept-Language, Cookie")
}
