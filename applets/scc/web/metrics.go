package web

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"syn3d/applets/scc/agent"
	"syn3d/applets/service"
	"syn3d/applets/syn3state"
)

// metrics tells Prometheus of all services.
func (s *site) metrics(w http.ResponseWriter, r *http.Request) {
	services, err := s.agent.Services(r.Context(), true)
	if err != nil {
		http.Error(w, failureOf(err).text(english), failureOf(err).code)
		return
	}
	w.Header().Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
	w.Write(appendMetrics(nil, services))
}

// A metric is a number that each service has, or some.
type metric struct {
	name, kind, help string
	value            func(*agent.Service) (value float64, known bool)
}

func serviceMetrics() []metric {
	return []metric{
		{"syn3_service_supervised", "gauge", "Whether a supervisor serves the service.",
			func(s *agent.Service) (float64, bool) { return truth(s.Supervised), true }},
		{"syn3_service_up", "gauge", "Whether the service is up.",
			func(s *agent.Service) (float64, bool) { return truth(s.Up), true }},
		{"syn3_service_since_seconds", "gauge", "When the service came up or went down, in Unix time.",
			func(s *agent.Service) (float64, bool) { return float64(s.Since.Unix()), !s.Since.IsZero() }},
		{"syn3_service_boot_up", "gauge", "Whether the service is started at boot.",
			func(s *agent.Service) (float64, bool) { return truth(s.Boot == "up"), s.Boot != "" }},
		{"syn3_service_restarts_total", "counter", "How often the supervisor has started the service again by itself.",
			func(s *agent.Service) (float64, bool) { return float64(s.Restarts), true }},
		{"syn3_service_processes", "gauge", "How many processes the service has.",
			usage(func(u *service.Usage) float64 { return float64(u.Processes) })},
		{"syn3_service_memory_bytes", "gauge", "Memory of the processes of the service that they do not share with others.",
			usage(func(u *service.Usage) float64 { return float64(u.Memory) })},
		{"syn3_service_cpu_seconds", "gauge", "Processor time of those processes of the service that still live.",
			usage(func(u *service.Usage) float64 { return u.CPUTime })},
	}
}

func usage(value func(*service.Usage) float64) func(*agent.Service) (float64, bool) {
	return func(s *agent.Service) (float64, bool) {
		if s.Usage == nil {
			return 0, false
		}
		return value(s.Usage), true
	}
}

func truth(is bool) float64 {
	if is {
		return 1
	}
	return 0
}

// appendMetrics appends the text format: a heading for each metric, then a
// line for each service.
func appendMetrics(b []byte, services []agent.Service) []byte {
	for _, m := range serviceMetrics() {
		b = appendHeading(b, m.name, m.kind, m.help)
		for i := range services {
			if value, known := m.value(&services[i]); known {
				b = appendSample(b, m.name, label("service", services[i].Name), value)
			}
		}
	}
	return syn3state.AppendMetrics(appendConditions(b, services), reported(services))
}

// appendConditions appends a line for each service and condition: 1 for the one
// that it is in.
func appendConditions(b []byte, services []agent.Service) []byte {
	const name = "syn3_service_condition"
	b = appendHeading(b, name, "gauge", "Whether the service is in that condition.")
	for i := range services {
		for _, c := range worstFirst() {
			labels := label("service", services[i].Name) + "," + label("condition", string(c))
			b = appendSample(b, name, labels, truth(services[i].Condition == c))
		}
	}
	return b
}

// reported returns what was reported to the monitor.
func reported(services []agent.Service) (records []syn3state.Record) {
	for i := range services {
		if record := services[i].Monitor; !record.Since.IsZero() {
			record.Name = services[i].Name
			records = append(records, record)
		}
	}
	return records
}

func appendHeading(b []byte, name, kind, help string) []byte {
	return fmt.Appendf(b, "# HELP %[1]s %[3]s\n# TYPE %[1]s %[2]s\n", name, kind, help)
}

func appendSample(b []byte, name, labels string, value float64) []byte {
	b = append(b, name+"{"+labels+"} "...)
	return append(strconv.AppendFloat(b, value, 'f', -1, 64), '\n')
}

// label returns a label with its value escaped.
func label(name, value string) string {
	return name + `="` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`).Replace(value) + `"`
}
