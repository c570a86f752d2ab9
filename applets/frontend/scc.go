//go:build !minimal

package frontend

import "syn3d/applets/scc"

// controlCentre runs the control centre.
func controlCentre(args []string) error { return scc.Run(args) }
