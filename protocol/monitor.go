package protocol

import "os"

// MonitorDir is where syn3-state keeps the states of services, below
// $SYN3_ROOT.
const MonitorDir = "/run/syn3/state"

// StateFile returns the file in which it keeps that of a service.
func StateFile(service string) string {
	return os.Getenv("SYN3_ROOT") + MonitorDir + "/" + service
}
