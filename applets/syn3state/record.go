package syn3state

import (
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// A Record is what was last reported about a service.
type Record struct {
	Name    string    `json:"name"`
	State   State     `json:"state"`
	Since   time.Time `json:"since,omitzero"` // of the state, not of the message; zero: nothing has been reported
	Message string    `json:"message"`
}

const (
	maxName    = 255      // bytes, of a file name
	maxMessage = 4 << 10  // bytes; what is longer is cut
	maxRecord  = 16 << 10 // bytes, more than the longest message takes if all of it is escaped

	// sinceLayout is RFC 3339 in UTC and nothing else.
	sinceLayout = "2006-01-02T15:04:05.999999999Z"
)

var errNoRecord = errors.New("not the record of a state")

// CheckName returns an error unless name can be that of a service: a file
// name that is not hidden and that can be shown.
func CheckName(name string) error {
	switch {
	case name == "":
		return errors.New("the name of the service is empty")
	case len(name) > maxName:
		return fmt.Errorf("the name of the service has %d bytes, more than %d", len(name), maxName)
	case name[0] == '.' || strings.Contains(name, "/") || !utf8.ValidString(name) || strings.ContainsFunc(name, unicode.IsControl):
		return fmt.Errorf("not the name of a service: %q", name)
	}
	return nil
}

// encode returns the contents of the file. Every line is a key and a value;
// readers ignore keys that they do not know.
func (r Record) encode() []byte {
	message := strings.NewReplacer(`\`, `\\`, "\n", `\n`).Replace(r.Message)
	return fmt.Appendf(nil, "state=%s\nsince=%s\nmessage=%s\n", r.State, r.Since.UTC().Format(sinceLayout), message)
}

// decode returns the record of the service name from the contents of its file.
func decode(name string, text []byte) (Record, error) {
	values := map[string]string{}
	for line := range strings.Lines(string(text)) {
		key, value, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "=")
		values[key] = value
	}
	state, stateErr := ParseState(values["state"])
	since, sinceErr := time.Parse(sinceLayout, values["since"])
	if stateErr != nil || sinceErr != nil || since.IsZero() {
		return Record{}, errNoRecord
	}
	message := strings.NewReplacer(`\\`, `\`, `\n`, "\n").Replace(values["message"])
	return Record{name, state, since, cleanMessage(message)}, nil
}

// cleanMessage makes a message one that can be kept, and printed as JSON.
func cleanMessage(message string) string {
	if len(message) > maxMessage {
		message = message[:maxMessage]
	}
	return strings.ToValidUTF8(message, string(utf8.RuneError))
}
