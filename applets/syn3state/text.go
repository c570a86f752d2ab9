package syn3state

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// A Style is how to print for people.
type Style struct {
	Color bool
	Width int // of a line, in characters; what is longer is cut. 0: no limit
}

// widestName is how wide the column of names becomes at most. Longer names
// shift what follows them.
const widestName = 32

var colors = [...]string{OK: "\x1b[32m", Caution: "\x1b[33m", Critical: "\x1b[31m", Unknown: "\x1b[35m"}

const noColor = "\x1b[m"

// AppendText appends a line for each record, in columns: state, name, since
// when, message. What could disturb a terminal is escaped.
func AppendText(b []byte, records []Record, style Style) []byte {
	width := 0
	for _, r := range records {
		width = max(width, min(utf8.RuneCountInString(r.Name), widestName))
	}
	for _, r := range records {
		since := "never reported"
		if !r.Since.IsZero() {
			since = r.Since.Local().Format(time.DateTime)
		}
		line := fmt.Sprintf("%-8s  %-*s  %-19s  %s", r.State, width, escape(r.Name), since, escape(r.Message))
		line = fit(strings.TrimRight(line, " "), style.Width)
		if rest, found := strings.CutPrefix(line, r.State.String()); found && style.Color {
			line = colors[r.State] + r.State.String() + noColor + rest
		}
		b = append(append(b, line...), '\n')
	}
	return b
}

// escape replaces what cannot be printed, as Go's literals would have it.
func escape(text string) string {
	var b strings.Builder
	for _, r := range text {
		if unicode.IsPrint(r) {
			b.WriteRune(r)
			continue
		}
		b.WriteString(strings.Trim(strconv.QuoteRune(r), "'"))
	}
	return b.String()
}

// fit cuts a line to a width, 0 for none.
func fit(line string, width int) string {
	const more = "..."
	runes := []rune(line)
	if width <= len(more) || len(runes) <= width {
		return line
	}
	return string(runes[:width-len(more)]) + more
}

// AppendJSON appends a JSON object for each record, one a line.
func AppendJSON(b []byte, records []Record) ([]byte, error) {
	buffer := bytes.NewBuffer(b)
	encoder := json.NewEncoder(buffer)
	encoder.SetEscapeHTML(false)
	for _, r := range records {
		if err := encoder.Encode(r); err != nil {
			return nil, err
		}
	}
	return buffer.Bytes(), nil
}

// AppendMetrics appends the records in the text format of Prometheus.
func AppendMetrics(b []byte, records []Record) []byte {
	escaper := strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`)
	metric := func(name, help string, value func(Record) int64) {
		b = fmt.Appendf(b, "# HELP %[1]s %[2]s\n# TYPE %[1]s gauge\n", name, help)
		for _, r := range records {
			b = fmt.Appendf(b, "%s{service=\"%s\"} %d\n", name, escaper.Replace(r.Name), value(r))
		}
	}
	metric("syn3_service_state", "State last reported of a service: 0 OK, 1 CAUTION, 2 CRITICAL, 3 UNKNOWN.",
		func(r Record) int64 { return int64(r.State) })
	metric("syn3_service_state_since_seconds", "When the state of a service became what it is, in Unix time.",
		func(r Record) int64 { return r.Since.Unix() })
	return b
}
