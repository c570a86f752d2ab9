package pid1

import "syn3d/applets/inherited"

// Prepare makes what every program expects of a system, and returns what it
// could not do.
func Prepare() (warnings []error) {
	warn := func(err error) {
		if err != nil {
			warnings = append(warnings, err)
		}
	}
	mount(warn)
	if inherited.Closed(2) {
		warn(openConsole())
	}
	catchCtrlAltDel()
	warn(setHostname())
	warn(raiseLoopback())
	return warnings
}
