package web

import (
	"fmt"
	"strconv"
	"strings"
)

// A language is one that the pages speak.
type language struct {
	Tag   string // as in HTML's lang
	index int    // of its words in the table
}

var (
	english = &language{"en", 0}
	dutch   = &language{"nl", 1}
)

var languages = []*language{english, dutch}

// languageOf returns the language that the header Accept-Language likes best,
// English if there is none that we speak.
func languageOf(accept string) *language {
	best, liking := english, 0.0
	for part := range strings.SplitSeq(accept, ",") {
		tag, quality := parsePreference(part)
		for _, l := range languages {
			if quality > liking && speaks(l, tag) {
				best, liking = l, quality
			}
		}
	}
	return best
}

// parsePreference parses a part of the header, as "nl-BE;q=0.8".
func parsePreference(part string) (tag string, quality float64) {
	tag, parameter, _ := strings.Cut(part, ";")
	quality = 1
	if value, found := strings.CutPrefix(strings.TrimSpace(parameter), "q="); found {
		quality, _ = strconv.ParseFloat(value, 64)
	}
	return strings.ToLower(strings.TrimSpace(tag)), quality
}

func speaks(l *language, tag string) bool {
	primary, _, _ := strings.Cut(tag, "-")
	return primary == l.Tag
}

// word returns the words of a key, with values put in. A key without words is
// shown as it is: a test sees to it that there is none.
func (l *language) word(key string, values ...any) string {
	words, found := words()[key]
	if !found {
		return key
	}
	if len(values) == 0 {
		return words[l.index]
	}
	return fmt.Sprintf(words[l.index], values...)
}

// count returns the words for so many of something: those of the key with
// "_one" for one, with "_many" for any other number.
func (l *language) count(key string, n int) string {
	if n == 1 {
		return l.word(key+"_one", n)
	}
	return l.word(key+"_many", n)
}
