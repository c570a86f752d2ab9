package web

import (
	"regexp"
	"strings"
	"testing"

	"syn3d/applets/scc/agent"
)

// Each line is of the exposition format, and all samples of a metric stand
// together, below its heading.
func TestMetricsFormat(t *testing.T) {
	f := somewhat()
	for _, name := range strangeNames() {
		f.services = append(f.services, up(name))
	}
	heading := regexp.MustCompile(`^# (HELP|TYPE) (\w+) .+$`)
	sample := regexp.MustCompile(`^(\w+)\{(\w+="([^"\\\n]|\\\\|\\"|\\n)*",?)+\} -?[0-9]+(\.[0-9]+)?$`)
	seen := map[string]bool{}
	current := ""
	w := ask(f.site(), viewer, "GET", "/metrics")
	for line := range strings.SplitSeq(strings.TrimSuffix(w.Body.String(), "\n"), "\n") {
		if found := heading.FindStringSubmatch(line); found != nil {
			if found[1] == "HELP" && seen[found[2]] {
				t.Errorf("%s comes twice", found[2])
			}
			current, seen[found[2]] = found[2], true
			continue
		}
		if found := sample.FindStringSubmatch(line); found == nil || found[1] != current {
			t.Errorf("below %s: %q", current, line)
		}
	}
	if got := w.Header().Get("Content-Type"); got != "text/plain; version=0.0.4; charset=utf-8" {
		t.Errorf("Content-Type: %s", got)
	}
}

func TestMetrics(t *testing.T) {
	gone := down("gone")
	gone.Supervised, gone.Condition, gone.Boot = false, agent.Missing, ""
	text := string(appendMetrics(nil, []agent.Service{up("a\"b\\c\nd"), gone}))
	for _, want := range []string{
		"# TYPE syn3_service_up gauge\nsyn3_service_up{service=\"a\\\"b\\\\c\\nd\"} 1\nsyn3_service_up{service=\"gone\"} 0\n",
		"# TYPE syn3_service_restarts_total counter\n",
		`syn3_service_supervised{service="gone"} 0`,
		`syn3_service_condition{service="gone",condition="missing"} 1`,
		`syn3_service_condition{service="gone",condition="down"} 0`,
		"syn3_service_memory_bytes{service=\"a\\\"b\\\\c\\nd\"} 12345678\n",
		"syn3_service_cpu_seconds{service=\"a\\\"b\\\\c\\nd\"} 61.5\n",
		"syn3_service_state{service=\"a\\\"b\\\\c\\nd\"} 0\n",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	for _, not := range []string{
		`syn3_service_boot_up{service="gone"}`, `syn3_service_memory_bytes{service="gone"}`, `syn3_service_state{service="gone"}`,
	} {
		if strings.Contains(text, not) {
			t.Errorf("%q is told, though nobody knows", not)
		}
	}
}
