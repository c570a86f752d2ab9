package web

import (
	"strconv"
	"strings"
	"time"

	"syn3d/applets/service"
)

// show returns a text with what cannot be seen, or would turn the text around
// it, as escape sequences. HTML is left to the templates.
func show(text string) string {
	var b strings.Builder
	for _, r := range text {
		if strconv.IsPrint(r) {
			b.WriteRune(r)
			continue
		}
		b.WriteString(strings.Trim(strconv.QuoteRune(r), "'"))
	}
	return b.String()
}

// stamp returns a time for the attribute datetime, "" for none.
func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}

// clock returns a time as it is read, in the zone of the server: scripts
// replace it by that in the zone of the reader.
func clock(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Local().Format(time.DateTime)
}

// stampFine and clockFine are for log lines, which have fractions of seconds.
func stampFine(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z07:00") }
func clockFine(t time.Time) string { return t.Local().Format("2006-01-02 15:04:05.000") }

// zone returns the name of the server's time zone.
func zone(now time.Time) string { return now.Local().Format("MST (UTC-07:00)") }

// lasting returns a duration in its two largest units. That of something that
// began in the future, because the clock has been set back, is none at all.
func (l *language) lasting(d time.Duration) string {
	n := max(0, int64(d/time.Second))
	two := func(large int64, largeUnit string, small int64, smallUnit string) string {
		text := strconv.FormatInt(large, 10) + " " + l.word(largeUnit)
		if small == 0 {
			return text
		}
		return text + " " + strconv.FormatInt(small, 10) + " " + l.word(smallUnit)
	}
	switch {
	case n >= 24*60*60:
		return two(n/(24*60*60), "days", n/(60*60)%24, "hours")
	case n >= 60*60:
		return two(n/(60*60), "hours", n/60%60, "minutes")
	case n >= 60:
		return two(n/60, "minutes", n%60, "seconds")
	}
	return two(n, "seconds", 0, "")
}

// ago returns how long ago something was, in its largest unit: in the words of
// Intl.RelativeTimeFormat, which the scripts use as time goes on.
func (l *language) ago(d time.Duration) string {
	n := max(0, int(d/time.Second))
	switch {
	case n < 1:
		return l.word("ago_now")
	case n < 60:
		return l.count("ago_sec", n)
	case n < 60*60:
		return l.count("ago_min", n/60)
	case n < 24*60*60:
		return l.count("ago_hr", n/60/60)
	}
	return l.count("ago_day", n/24/60/60)
}

// size returns a number of bytes in three digits at most, or nearly so.
func (l *language) size(bytes uint64) string {
	value, unit := float64(bytes), 0
	units := []string{"B", "KiB", "MiB", "GiB", "TiB"}
	for value >= 1000 && unit < len(units)-1 {
		value, unit = value/1024, unit+1
	}
	if unit == 0 || value >= 9.95 {
		return l.decimal(value, 0) + " " + units[unit]
	}
	return l.decimal(value, 1) + " " + units[unit]
}

// percent returns a share, without more digits than can be of interest.
func (l *language) percent(value float64) string {
	if value < 0.05 {
		return "0 %"
	}
	if value < 9.95 {
		return l.decimal(value, 1) + " %"
	}
	return l.decimal(value, 0) + " %"
}

// decimal returns a number as the language writes it.
func (l *language) decimal(value float64, digits int) string {
	text := strconv.FormatFloat(value, 'f', digits, 64)
	if l == dutch {
		text = strings.Replace(text, ".", ",", 1)
	}
	return text
}

// exit tells how an instance ended.
func (l *language) exit(e *service.Exit) string {
	switch {
	case e == nil:
		return ""
	case e.Signal != "":
		return l.word("killed_by", e.Signal)
	}
	return l.word("exit_code", e.Code)
}

// shortExit tells it in a word or two.
func (l *language) shortExit(e *service.Exit) string {
	switch {
	case e == nil:
		return ""
	case e.Signal != "":
		return e.Signal
	}
	return l.word("exit", e.Code)
}
