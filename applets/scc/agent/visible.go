package agent

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// visible returns text as valid UTF-8 in which everything can be seen: what is
// no text, moves a cursor or changes the direction of writing is an escape
// sequence, as Go's literals have it. Tabs stay.
func visible(text []byte) string {
	var b strings.Builder
	for len(text) > 0 {
		r, size := utf8.DecodeRune(text)
		switch {
		case r == utf8.RuneError && size == 1:
			b.WriteString(`\x`)
			b.WriteString(strconv.FormatUint(uint64(text[0])|0x100, 16)[1:])
		case r == '\t' || strconv.IsPrint(r):
			b.WriteRune(r)
		default:
			quoted := strconv.QuoteRune(r)
			b.WriteString(quoted[1 : len(quoted)-1])
		}
		text = text[size:]
	}
	return b.String()
}
