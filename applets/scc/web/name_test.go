package web

import (
	"net/url"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"syn3d/applets/scc/agent"
)

// strangeNames are of services that can be: file names of valid UTF-8.
func strangeNames() []string {
	return []string{
		"a b", "a+b", "a%2Fb", "100%", "a?b=c#d", "..a", "a;b", "a&b", `a"b'c`, "<b>x</b>", "</script><script>alert(1)</script>",
		"start", "log", "events", "line\nbreak", "tab\tcr\r", "\x1b[31mred", "\u202egnol", "été", "日本", "javascript:alert(1)", "\\", "\x7f",
	}
}

func TestStrangeNames(t *testing.T) {
	f := somewhat()
	for _, name := range strangeNames() {
		f.services = append(f.services, up(name))
	}
	s := f.site()
	page := ask(s, admin, "GET", "/").Body.String()
	for _, name := range strangeNames() {
		link := `<a href="` + strings.ReplaceAll(strings.ReplaceAll(servicePath(name), "&", "&amp;"), "+", "&#43;") + `">`
		if !strings.Contains(page, link) {
			t.Errorf("the list has no %s for %q", link, name)
		}
		for _, path := range []string{"", "/log"} {
			w := ask(s, admin, "GET", servicePath(name)+path)
			wantCode(t, w, 200)
			page += w.Body.String()
		}
		w := ask(s, admin, "POST", servicePath(name)+"/start")
		wantCode(t, w, 200)
		page += w.Body.String()
	}
	page = regexp.MustCompile(`data-service="[^"]*"`).ReplaceAllString(page, "") // which nobody sees
	for _, bad := range []string{"<b>x", "<script>alert", "\x1b", "\u202e", "\r", "\x7f"} {
		if at := strings.Index(page, bad); at >= 0 {
			t.Errorf("%q is on a page: %q", bad, page[max(0, at-100):at+20])
		}
	}
}

// Any name reaches the agent as it is, or nothing does.
func FuzzServiceName(f *testing.F) {
	for _, name := range append(strangeNames(), "", ".", "..", "a/b", "../../etc/passwd", "\xff", "a\x00b") {
		f.Add(name)
	}
	f.Fuzz(func(t *testing.T, name string) {
		for _, path := range []string{"", "/log", "/stop", "/events"} {
			f := &fake{services: []agent.Service{up(name)}, events: make(chan agent.Event)}
			close(f.events)
			s := f.site()
			method := "GET"
			if path == "/stop" {
				method = "POST"
			}
			w := ask(s, admin, method, "/services/"+url.PathEscape(name)+path)
			if w.Code/100 != 2 && w.Code != 307 && w.Code != 404 && w.Code != 502 {
				t.Errorf("%s of %q = %d", path, name, w.Code)
			}
			for _, q := range f.asked {
				if q.Call != "watch" && utf8.ValidString(name) && q.Service != name {
					t.Errorf("%s of %q asks about %q", path, name, q.Service)
				}
			}
			if path == "/stop" && len(f.asked) > 0 && f.asked[0].Action != agent.Stop {
				t.Errorf("%s of %q does %q", path, name, f.asked[0].Action)
			}
		}
	})
}
