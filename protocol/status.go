package protocol

import (
	"encoding/binary"
	"errors"
)

// What an administrator wants of a service, as the status record tells it.
type Want byte

const (
	WantUp   Want = 'u' // start it, and again whenever it ends
	WantDown Want = 'd' // leave it down
	WantOnce Want = 0   // leave it as it is: do not start it again
)

const (
	// StatusSize is the size of the record that we write: daemontools' 18
	// bytes and the two that runit added, which sv and node_exporter demand.
	StatusSize = 20

	// statusMin is what a reader needs. Others write 18, 20 or 40 bytes.
	statusMin = 18
)

// ErrBadFormat says that a status record is too short.
var ErrBadFormat = errors.New("bad format")

// Status is the record in supervise/status.
//
//	bytes  0-11  Since, a TAI64N label
//	bytes 12-15  Pid, little-endian
//	byte  16     Paused
//	byte  17     Want
//	byte  18     Termed (runit)
//	byte  19     0 down, 1 running (runit)
type Status struct {
	Since  Label  // when the service last started or ended
	Pid    uint32 // 0 means down
	Paused bool
	Want   Want // unknown values are kept
	Termed bool // a TERM was sent to this instance
}

// Up reports whether the service has a process.
func (s Status) Up() bool { return s.Pid != 0 }

// AppendStatus appends the record of s to b.
func AppendStatus(b []byte, s Status) []byte {
	b = AppendLabel(b, s.Since)
	b = binary.LittleEndian.AppendUint32(b, s.Pid)
	return append(b, bit(s.Paused && s.Up()), byte(s.Want), bit(s.Termed), bit(s.Up()))
}

func bit(set bool) byte {
	if set {
		return 1
	}
	return 0
}

// ParseStatus decodes a record of 18 bytes or more. Bytes behind the 18th
// differ between suites and are not looked at. A shorter record is
// ErrBadFormat; there are no other errors.
func ParseStatus(b []byte) (Status, error) {
	if len(b) < statusMin {
		return Status{}, ErrBadFormat
	}
	return Status{
		Since:  decodeLabel(b),
		Pid:    binary.LittleEndian.Uint32(b[12:]),
		Paused: b[16] != 0,
		Want:   Want(b[17]),
	}, nil
}
