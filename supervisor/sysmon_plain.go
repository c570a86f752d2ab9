//go:build !quietruntime

package supervisor

// restMonitor needs help from the linker: see sysmon.go. Without that, the
// runtime's monitor wakes once a minute.
func restMonitor() {}
