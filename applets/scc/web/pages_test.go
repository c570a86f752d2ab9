package web

import (
	"fmt"
	"net/http"
	"os"
	"testing"

	"syn3d/applets/scc/agent"
)

func TestPages(t *testing.T) {
	s := somewhat().site()
	for _, path := range []string{"/", "/services/squid", "/services/squid/log", "/nowhere"} {
		w := ask(s, admin, "GET", path)
		t.Log(path, w.Code, w.Body.Len())
		fmt.Fprintln(os.Stderr, w.Body)
	}
}

func BenchmarkList(b *testing.B) {
	f := &fake{}
	for i := range 500 {
		f.services = append(f.services, up(fmt.Sprintf("service-%03d", i)))
	}
	s := f.site()
	for b.Loop() {
		if w := ask(s, admin, "GET", "/"); w.Code != http.StatusOK {
			b.Fatal(w.Code)
		} else {
			b.ReportMetric(float64(w.Body.Len()), "bytes")
		}
	}
}

var _ = agent.Start
