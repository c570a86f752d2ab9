//go:build quietruntime

package supervisor

import (
	"testing"
	"time"
)

func TestRestMonitor(t *testing.T) {
	restMonitor()
	if got := time.Duration(forcegcperiod); got < 24*time.Hour {
		t.Errorf("the runtime's monitor wakes every %v: has this version of Go another name for that?", got/2)
	}
}
