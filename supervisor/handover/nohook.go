//go:build cgo || !(amd64 || arm64)

package handover

const hooked = false

//go:nosplit
func handlers() (handler, restorer uintptr) { return 0, 0 }
