//go:build !cgo && (amd64 || arm64)

package handover

const hooked = true

// handlers returns the addresses of catch, and of what returns from it.
func handlers() (handler, restorer uintptr)
