package main

import "fmt"

// filters are the contests of tai64n and tai64nlocal. Their output goes to
// /dev/null: what it costs to write a file would be the same for all.
func (b *bench) filters() (contests []contest) {
	add := func(name, what string, most float64, lines []byte, env ...string) {
		contests = append(contests, contest{
			what: "CPU time of " + name + ", " + what, unit: "s/GiB",
			entries: []entry{
				{suite: reference, argv: []string{"/usr/bin/" + name}, env: env},
				{suite: ours, argv: []string{b.bin() + "/" + name}, env: env},
			},
			measure: func(e entry) (float64, error) { return feed(e.command(), lines) },
			goals:   []goal{{reference, most}},
		})
	}
	for _, length := range []int{20, 120, 2000} {
		what := fmt.Sprintf("lines of %d bytes", length)
		add("tai64n", what, 1./5, text(length))
		add("tai64nlocal", what+" behind labels", 1./10, labelled(length))
		// Without TZ, the original looks at /etc/localtime for every line.
		add("tai64nlocal", what+" behind labels, TZ set", 1./10, labelled(length), "TZ=Europe/Berlin")
	}
	return contests
}
