package main

import (
	"maps"
	"slices"
)

// results holds what was measured, by what it is and by the round.
type results map[cell]map[int]float64

// A cell is one row of one suite.
type cell struct {
	what     string
	services int
	suite    string
}

// add notes the answers to a question. They may be none.
func (r results) add(q question, services int, suite string, round int, values []float64) {
	for i, value := range values {
		r.note(cell{q.rows[i].what, services, suite}, round, value)
	}
}

func (r results) note(c cell, round int, value float64) {
	if r[c] == nil {
		r[c] = map[int]float64{}
	}
	r[c][round] = value
}

// values returns the values of a cell in ascending order.
func (r results) values(c cell) []float64 {
	return slices.Sorted(maps.Values(r[c]))
}

// ratios returns the values of a cell in relation to what another suite had
// in the same round, in ascending order.
func (r results) ratios(c cell, to string) []float64 {
	base := r[cell{c.what, c.services, to}]
	var ratios []float64
	for round, value := range r[c] {
		if base[round] > 0 {
			ratios = append(ratios, value/base[round])
		}
	}
	slices.Sort(ratios)
	return ratios
}

// median returns the median of values in ascending order.
func median(values []float64) float64 {
	n := len(values)
	return (values[(n-1)/2] + values[n/2]) / 2
}
