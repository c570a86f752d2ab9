package protocol

import (
	"strconv"
	"time"
)

// AppendText appends svstat's words for s to b: "up (pid 1234) 56 seconds"
// and what is out of the ordinary. normallyDown says whether the service
// directory holds a file down.
func AppendText(b []byte, s Status, normallyDown bool, now time.Time) []byte {
	if s.Up() {
		b = append(b, "up (pid "...)
		b = strconv.AppendUint(b, uint64(s.Pid), 10)
		b = append(b, ") "...)
	} else {
		b = append(b, "down "...)
	}
	b = strconv.AppendUint(b, s.Since.Age(now), 10)
	b = append(b, " seconds"...)

	if s.Up() && normallyDown {
		b = append(b, ", normally down"...)
	}
	if !s.Up() && !normallyDown {
		b = append(b, ", normally up"...)
	}
	if s.Up() && s.Paused {
		b = append(b, ", paused"...)
	}
	if !s.Up() && s.Want == WantUp {
		b = append(b, ", want up"...)
	}
	if s.Up() && s.Want == WantDown {
		b = append(b, ", want down"...)
	}
	return b
}
