//go:build minimal

package applets

func controlCentre() []Applet { return nil }
