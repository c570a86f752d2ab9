package syn3state

import (
	"fmt"
	"strings"
)

// A State is how a service fares. Its number is the exit code that a Nagios
// plugin has for it.
type State int

const (
	OK State = iota
	Caution
	Critical
	Unknown // also that of a service of which nothing has been reported
)

var stateNames = [...]string{OK: "OK", Caution: "CAUTION", Critical: "CRITICAL", Unknown: "UNKNOWN"}

// severities order the states. Not knowing is better than knowing the worst.
var severities = [...]int{OK: 0, Unknown: 1, Caution: 2, Critical: 3}

// ParseState returns the state of that name, in whatever case.
func ParseState(name string) (State, error) {
	for state, known := range stateNames {
		if strings.EqualFold(name, known) {
			return State(state), nil
		}
	}
	return Unknown, fmt.Errorf("not a state: %q (there are %s)", name, strings.Join(stateNames[:], ", "))
}

func (s State) String() string { return stateNames[s] }

// MarshalText makes JSON have the name.
func (s State) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads it again.
func (s *State) UnmarshalText(text []byte) (err error) {
	*s, err = ParseState(string(text))
	return err
}
