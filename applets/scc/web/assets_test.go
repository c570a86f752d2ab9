package web

import (
	"regexp"
	"strings"
	"testing"
)

func TestStatic(t *testing.T) {
	s := somewhat().site()
	for name, contentType := range map[string]string{"app.css": "text/css", "app.js": "text/javascript", "favicon.svg": "image/svg+xml"} {
		w := ask(s, visitor{}, "GET", assetPath(name))
		wantCode(t, w, 200)
		if got := w.Header().Get("Content-Type"); !strings.HasPrefix(got, contentType) {
			t.Errorf("%s is %s, want %s", name, got, contentType)
		}
		if got := w.Header().Get("Cache-Control"); !strings.Contains(got, "immutable") {
			t.Errorf("%s may be kept: %s", name, got)
		}
		wantCode(t, ask(s, visitor{}, "GET", assetPath(name), "If-None-Match: "+w.Header().Get("ETag")), 304)
	}
}

// Nothing is loaded from elsewhere, and nothing is inline: the policy would
// forbid it.
func TestNothingForeignOrInline(t *testing.T) {
	s := somewhat().site()
	forbidden := regexp.MustCompile(`(?i)<style|\sstyle=|\son[a-z]+=|<script>|javascript:|(src|href|action)="(https?:)?//`)
	texts := map[string]string{}
	for _, path := range []string{"/", "/services/squid", "/services/squid/log", "/nowhere"} {
		texts[path] = ask(s, admin, "GET", path).Body.String()
	}
	for name, a := range assets() {
		if !strings.HasSuffix(name, ".js") {
			texts[name] = strings.ReplaceAll(string(a.content), `xmlns="http://www.w3.org/2000/svg"`, "")
		}
	}
	for name, text := range texts {
		if found := forbidden.FindString(text); found != "" {
			t.Errorf("%s has %q", name, found)
		}
	}
}
