package main

import (
	"fmt"
	"math"
)

// A report prints results and keeps account of the targets.
type report struct {
	results
	suites []suite

	targets int
	missed  []string
}

// print prints a block for each row of a question.
func (r *report) print(q question, services int) {
	for _, row := range q.rows {
		fmt.Printf("\n%s, %d services\n", row.what, services)
		for _, s := range r.suites {
			r.line(row, cell{row.what, services, s.name})
		}
	}
}

// line prints what a suite has to a row, if there is something.
func (r *report) line(row row, c cell) {
	if !r.value(c, row.unit) {
		return
	}
	if c.suite == ours && row.target.at(c.services) {
		r.compare(row, c)
	}
	fmt.Println()
}

// compare compares what has been measured with the target.
func (r *report) compare(row row, c cell) {
	got, most := r.ratios(c, reference), row.target.ratio
	if row.target.most > 0 {
		got, most = r.results.values(c), row.target.most
	}
	if len(got) > 0 {
		r.judge(fmt.Sprintf("%s, %d services", row.what, c.services), median(got), most)
	}
}

// value begins a line with the value of a cell and its ratio to the reference,
// if there is a value.
func (r *report) value(c cell, unit string) bool {
	values := r.values(c)
	if len(values) == 0 {
		return false
	}
	fmt.Printf("  %-12s %8s %-2s", c.suite, figures(median(values)), unit)
	if ratios := r.ratios(c, reference); c.suite != reference && len(ratios) > 0 {
		fmt.Printf("  %6s times  (%s..%s)", figures(median(ratios)), figures(ratios[0]), figures(ratios[len(ratios)-1]))
	}
	return true
}

// judge tells whether a target has been reached.
func (r *report) judge(what string, got, target float64) {
	r.targets++
	if got <= target {
		fmt.Printf("  reached %s", figures(target))
		return
	}
	fmt.Printf("  MISSED %s", figures(target))
	r.missed = append(r.missed, fmt.Sprintf("%s: %s, not %s", what, figures(got), figures(target)))
}

// summary ends the report, if targets were met with.
func (r *report) summary() {
	if r.targets == 0 {
		return
	}
	fmt.Printf("\n%d of %d targets reached\n", r.targets-len(r.missed), r.targets)
	for _, what := range r.missed {
		fmt.Println("  missed:", what)
	}
}

// figures prints a number with as many digits as matter.
func figures(value float64) string {
	digits := 3
	switch {
	case value == math.Trunc(value) || value >= 100:
		digits = 0
	case value >= 10:
		digits = 1
	case value >= 0.1:
		digits = 2
	}
	return fmt.Sprintf("%.*f", digits, value)
}
