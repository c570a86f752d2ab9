// Package inherited gives back what this process was handed by the one that
// started it, and what the Go runtime changes before main runs.
//
// A process inherits more than arguments and an environment: signals that are
// ignored or blocked, standard descriptors that are closed, limits. A tool
// that becomes another program must hand all of it on unchanged. The Go
// runtime installs its own signal handlers, so that the kernel no longer knows
// what was ignored; opens /dev/null in the place of closed standard
// descriptors; raises the soft limit of descriptors; and drops repeated
// variables from the environment. Nor can it start at all under a limit of
// memory that is ample for a small program, because it reserves address space
// by the gigabyte.
//
//	kernel ──► beforeRuntime ──► record ──► the runtime starts ──► main ──► Restore
//	           (assembly)        (what we were handed)                      (gives it back)
//
// So one has to look before the runtime starts. The one door that needs no
// option of the linker is the hook by which cgo, which this program does not
// use, initialises itself in the first instructions of a Go program: the
// variable _cgo_init. Libraries that call C without cgo come in by it too. It
// is there with plain "CGO_ENABLED=0 go build" for amd64, arm64 and arm.
//
// Elsewhere, and with cgo, only what can still be seen is given back: signals
// other than HUP and INT are taken for not ignored, standard descriptors for
// open, and limits of memory must leave the runtime room.
package inherited
