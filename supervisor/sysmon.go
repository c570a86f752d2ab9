//go:build quietruntime

package supervisor

import (
	"time"
	_ "unsafe" // for the name below
)

// forcegcperiod is the runtime's: garbage is collected at least that often,
// unless that is turned off, as here. But also then the runtime's monitor, a
// thread, wakes twice in that time to look. There is no other way to it, and it
// is not meant for us: the linker lets us have it with -checklinkname=0 only,
// and only the Makefile says that.
//
//go:linkname forcegcperiod runtime.forcegcperiod
var forcegcperiod int64

// restMonitor lets the runtime's monitor sleep while there is nothing to do. A
// runtime that does not have the variable, or has another meaning for it, is
// left as it is.
func restMonitor() {
	if forcegcperiod == int64(2*time.Minute) {
		forcegcperiod = int64(365 * 24 * time.Hour)
	}
}
