package pid1

import "testing"

// The signal that an applet sends asks for what the applet is for.
func TestActions(t *testing.T) {
	for _, action := range []Action{Reboot, Halt, PowerOff} {
		if got := ActionOf(action.Signal); got == nil || *got != action {
			t.Errorf("ActionOf(%v) = %v, want %v", action.Signal, got, action)
		}
		if got := ActionNamed(action.Name); got == nil || *got != action {
			t.Errorf("ActionNamed(%s) = %v, want %v", action.Name, got, action)
		}
	}
	if got := ActionNamed("none"); got != nil {
		t.Errorf("ActionNamed(none) = %v, want nil", got)
	}
}
