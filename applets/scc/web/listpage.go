package web

import (
	"fmt"
	"hash/fnv"
	"net/http"
	"strconv"

	"syn3d/applets/scc/agent"
)

// A list is the table of all services.
type list struct {
	Rows    []row
	Summary summary
	Seen    string // what has been shown, in a word: see digest
}

func (s *site) listPage(w http.ResponseWriter, r *http.Request) {
	services, err := s.agent.Services(r.Context(), true)
	if err != nil {
		s.fail(w, r, failureOf(err))
		return
	}
	p := s.page(r, "services")
	p.List = p.list(services, p.May())
	s.render(w, http.StatusOK, "list", p)
}

func (l *language) list(services []agent.Service, may bool) list {
	rows := make([]row, len(services))
	for i := range services {
		rows[i] = l.row(&services[i], may)
	}
	return list{Rows: rows, Summary: summarize(rows), Seen: digest(rows)}
}

// digest returns a word that is another one if anything in the rows is, but
// for what changes all the time.
func digest(rows []row) string {
	h := fnv.New64a()
	for _, r := range rows {
		fmt.Fprintf(h, "%+v\n", r.withoutUsage())
	}
	return strconv.FormatUint(h.Sum64(), 36)
}

// A summary is how many services there are of each condition, the worst first.
type summary struct {
	Total  int
	Counts []conditionCount
}

type conditionCount struct {
	Condition agent.Condition
	Count     int
}

// worstFirst is the order in which an administrator wants to know.
func worstFirst() []agent.Condition {
	return []agent.Condition{
		agent.Crashing, agent.Missing, agent.DownAmiss, agent.Paused, agent.Stopping,
		agent.Starting, agent.Unverified, agent.Verified, agent.Down,
	}
}

func summarize(rows []row) summary {
	counts := map[agent.Condition]int{}
	for _, r := range rows {
		counts[r.Condition]++
	}
	s := summary{Total: len(rows)}
	for _, c := range worstFirst() {
		if counts[c] > 0 {
			s.Counts = append(s.Counts, conditionCount{c, counts[c]})
		}
	}
	return s
}
