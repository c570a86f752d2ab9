//go:build !minimal

package applets

// controlCentre is the applet that a minimal build goes without.
func controlCentre() []Applet {
	return []Applet{
		{"scc", "[--listen address] [--user account] [--cert file --key file] [--passwd file] [directory]", "show and steer services in a browser", Administration, nil},
	}
}
