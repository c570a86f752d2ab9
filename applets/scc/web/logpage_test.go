package web

import (
	"slices"
	"testing"

	"syn3d/applets/scc/agent"
)

func TestLogPage(t *testing.T) {
	f := somewhat()
	s := f.site()
	wantAll(t, ask(s, viewer, "GET", "/services/squid/log"),
		"<title>Log of squid ·", `<option value="">all</option><option value="current">current, 4.9 KiB</option>`, `<option value="@40000000650000000000000a.s">`,
		`<a href="/services/squid/log?before=4711&amp;file=current&amp;lines=100" rel="prev" data-action="older">Older lines</a>`,
		`data-tail="/services/squid/log/events?"`,
		`<span>&lt;script&gt;alert(&#34;x&#34;)&lt;/script&gt;\x1b[31m</span>`, `<span>no label <small>(cut)</small></span>`,
		stampFine(then),
	)
	if got := f.asked[len(f.asked)-1].Log; *got != (agent.LogQuery{Lines: logLines}) {
		t.Errorf("the page asks for %+v", got)
	}
}

func TestLogPageOfQuery(t *testing.T) {
	f := somewhat()
	w := ask(f.site(), viewer, "GET", "/services/squid/log?search=ALERT&before=9000&lines=5000&file=@40000000650000000000000a.s")
	wantAll(t, w,
		`&lt;script&gt;<mark>alert</mark>(`,
		`<option value="@40000000650000000000000a.s" selected>`,
		`<a href="/services/squid/log?before=4711&amp;file=current&amp;lines=100" rel="prev"`,
		`<a href="/services/squid/log?lines=1000&amp;search=ALERT" data-action="newest">Newest lines</a>`,
	)
	want := agent.LogQuery{File: "@40000000650000000000000a.s", Search: "ALERT", Before: 9000, Lines: agent.MaxLogLines}
	if got := f.asked[len(f.asked)-1].Log; *got != want {
		t.Errorf("the page asks for %+v, want %+v", got, want)
	}
}

// A page without lines says why there are none.
func TestNoLines(t *testing.T) {
	for _, test := range []struct {
		query string
		next  *agent.LogQuery
		want  string
	}{
		{"", nil, "No lines."},
		{"?search=x", nil, "No line has that."},
		{"?search=x", &agent.LogQuery{Before: 7}, "search on in older lines"},
	} {
		f := somewhat()
		f.log = []agent.LogPart{{Next: test.next}}
		wantAll(t, ask(f.site(), viewer, "GET", "/services/squid/log"+test.query), test.want)
	}
}

func TestParts(t *testing.T) {
	tests := []struct {
		text, search string
		want         []linePart
	}{
		{"", "", nil},
		{"abc", "", []linePart{{"abc", false}}},
		{"abc", "x", []linePart{{"abc", false}}},
		{"abcABC", "B", []linePart{{"a", false}, {"b", true}, {"cA", false}, {"B", true}, {"C", false}}},
		{"aaa", "a", []linePart{{"a", true}, {"a", true}, {"a", true}}},
		{"é É", "é", []linePart{{"é", true}, {" ", false}, {"É", true}}},
		{"İx", "x", []linePart{{"İx", false}}}, // lower case is longer
	}
	for _, test := range tests {
		if got := parts(test.text, test.search); !slices.Equal(got, test.want) {
			t.Errorf("parts(%q, %q) = %v, want %v", test.text, test.search, got, test.want)
		}
	}
}
