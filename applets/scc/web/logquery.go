package web

import (
	"net/http"
	"net/url"
	"strconv"

	"syn3d/applets/scc/agent"
)

// logLines is how many lines of a log are shown if nobody says how many.
const logLines = 200

// logQueryOf returns what a request asks of a log. It is not ok if that makes
// no sense.
func logQueryOf(r *http.Request) (q agent.LogQuery, ok bool) {
	values := r.URL.Query()
	before, beforeOK := number(values.Get("before"), 0)
	lines, linesOK := number(values.Get("lines"), logLines)
	q = agent.LogQuery{
		File: values.Get("file"), Search: values.Get("search"),
		Before: before, Lines: int(min(max(lines, 1), agent.MaxLogLines)),
	}
	return q, beforeOK && linesOK
}

// number parses a number that is not negative.
func number(text string, missing int64) (int64, bool) {
	if text == "" {
		return missing, true
	}
	n, err := strconv.ParseInt(text, 10, 64)
	return n, err == nil && n >= 0
}

// grows reports whether a query is about what is being written.
func grows(q agent.LogQuery) bool {
	return q.Before == 0 && (q.File == "" || q.File == "current")
}

// logPath returns where the page of a log query is, with what is not as usual.
func logPath(name string, q agent.LogQuery) string {
	values := url.Values{}
	set := func(key, value string) {
		if value != "" {
			values.Set(key, value)
		}
	}
	set("file", q.File)
	set("search", q.Search)
	if q.Before > 0 {
		set("before", strconv.FormatInt(q.Before, 10))
	}
	if q.Lines != logLines {
		set("lines", strconv.Itoa(q.Lines))
	}
	path := servicePath(name) + "/log"
	if len(values) > 0 {
		path += "?" + values.Encode()
	}
	return path
}
