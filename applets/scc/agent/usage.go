package agent

import (
	"math"
	"time"

	"syn3d/applets/service"
)

const (
	// usageAge is how old what is known of it may be.
	usageAge = 2 * time.Second

	// usageShare is how much of the time it may take to find out, at most: where
	// there are thousands of processes, that is done more rarely.
	usageShare = 1.0 / 400
)

// measure finds out what services use, if that has not just been done, and
// tells of those of which it has changed.
func (a *Agent) measure() {
	a.measuring.Lock()
	defer a.measuring.Unlock()
	if time.Now().Before(a.measureAfter) {
		return
	}
	began := time.Now()
	pids := map[string]int{}
	for _, s := range a.tree.all() {
		pids[s.Service] = s.Pid
	}
	a.tree.setUsage(a.meter.Measure(pids))
	now := time.Now()
	a.measureAfter = now.Add(max(usageAge, time.Duration(float64(now.Sub(began))/usageShare)))
}

// setUsage takes down what the services use, by their directories.
func (t *tree) setUsage(usage map[string]service.Usage) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for name, n := range t.nodes {
		if t.shown(name) == nil {
			continue
		}
		fresh, old := usage[n.service.Service], n.service.Usage
		if n.service.Usage = &fresh; old == nil || noticeable(*old, fresh) {
			t.tell(name)
		}
	}
}

// noticeable reports whether somebody would see the difference.
func noticeable(a, b service.Usage) bool {
	return a.Processes != b.Processes || math.Abs(a.CPU-b.CPU) >= 0.5 ||
		math.Abs(float64(a.Memory)-float64(b.Memory)) > float64(a.Memory)/50
}
