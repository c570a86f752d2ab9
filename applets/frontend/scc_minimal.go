//go:build minimal

package frontend

// A minimal build has no control centre, nor a name for it.
func controlCentre([]string) error { return nil }
