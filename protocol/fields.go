package protocol

import (
	"strconv"
	"strings"
	"time"
)

// fields is the text of our own files beside the status record: lines of
// key=value. What a reader does not know it passes over, so that files may
// grow from one release to the next.
type fields map[string]string

// parseFields reads text. Lines without a = are passed over, and of a key
// that comes twice the last counts.
func parseFields(text []byte) fields {
	found := fields{}
	for line := range strings.Lines(string(text)) {
		key, value, ok := strings.Cut(strings.TrimSuffix(line, "\n"), "=")
		if ok {
			found[key] = value
		}
	}
	return found
}

// number returns the number of a field, 0 if there is none.
func (f fields) number(key string) int {
	n, err := strconv.Atoi(f[key])
	if err != nil || n < 0 {
		return 0
	}
	return n
}

// time returns the moment of a field, the zero time if there is none.
func (f fields) time(key string) time.Time {
	t, err := time.Parse(time.RFC3339Nano, f[key])
	if err != nil {
		return time.Time{}
	}
	return t
}

// appendField appends a line. A value is one line, whatever it holds.
func appendField(b []byte, key, value string) []byte {
	b = append(b, key...)
	b = append(b, '=')
	b = append(b, strings.ReplaceAll(value, "\n", " ")...)
	return append(b, '\n')
}

func appendTime(b []byte, key string, t time.Time) []byte {
	if t.IsZero() {
		return b
	}
	return appendField(b, key, t.UTC().Format(time.RFC3339Nano))
}

// appendText and appendNumber leave out what is zero.
func appendText(b []byte, key, value string) []byte {
	if value == "" {
		return b
	}
	return appendField(b, key, value)
}

func appendNumber(b []byte, key string, value uint64) []byte {
	if value == 0 {
		return b
	}
	return appendField(b, key, strconv.FormatUint(value, 10))
}
