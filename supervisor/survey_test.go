package supervisor

import (
	"maps"
	"slices"
	"testing"
	"testing/synctest"
)

// TestSurvey has processes that do not answer, or late.
func TestSurvey(t *testing.T) {
	for _, test := range []struct {
		name         string
		pids, hang   []int
		found, quiet []int
	}{
		{"none", nil, nil, nil, nil},
		{"all answer", []int{1, 2, 3}, nil, []int{1, 2, 3}, nil},
		{"the first", []int{1, 2, 3}, []int{1}, []int{2, 3}, []int{1}},
		{"the last", []int{1, 2, 3}, []int{3}, []int{1, 2}, []int{3}},
		{"the only one", []int{1}, []int{1}, nil, []int{1}},
		{"some", []int{1, 2, 3, 4, 5}, []int{2, 4}, []int{1, 3, 5}, []int{2, 4}},
		{"too many", []int{1, 2, 3, 4, 5, 6, 7}, []int{1, 3, 4, 5}, []int{2}, []int{1, 3, 4, 5}},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				answer := make(chan bool)
				found, silent := survey(test.pids, func(pid int) int {
					if slices.Contains(test.hang, pid) {
						<-answer
					}
					return -pid
				})
				close(answer)
				if got := slices.Sorted(maps.Keys(found)); !slices.Equal(got, test.found) {
					t.Errorf("there were answers of %v, want %v", got, test.found)
				}
				if !slices.Equal(silent, test.quiet) {
					t.Errorf("silent were %v, want %v", silent, test.quiet)
				}
				for pid, got := range found {
					if got != -pid {
						t.Errorf("the answer of %d is %d", pid, got)
					}
				}
			})
		})
	}
}
