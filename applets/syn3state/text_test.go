package syn3state

import (
	"strings"
	"testing"
	"time"
)

var someRecords = []Record{
	{"slapd", Critical, noon, "Startup error"},
	{"x", OK, noon, ""},
}

func TestAppendText(t *testing.T) {
	stamp := noon.Local().Format(time.DateTime)
	long := strings.Repeat("n", 40)
	tests := []struct {
		name    string
		records []Record
		style   Style
		want    string
	}{
		{"nothing", nil, Style{}, ""},
		{"columns", someRecords, Style{},
			"CRITICAL  slapd  " + stamp + "  Startup error\nOK        x      " + stamp + "\n"},
		{"colours", someRecords, Style{Color: true},
			"\x1b[31mCRITICAL\x1b[m  slapd  " + stamp + "  Startup error\n\x1b[32mOK\x1b[m        x      " + stamp + "\n"},
		{"never reported", []Record{{Name: "x", State: Unknown}}, Style{}, "UNKNOWN   x  never reported\n"},
		{"control characters", []Record{{"x", Caution, noon, "a\x1b[31m\nb\u202e'"}}, Style{},
			"CAUTION   x  " + stamp + `  a\x1b[31m\nb\u202e'` + "\n"},
		{"letters", []Record{{"dæmon", OK, noon, "größer"}, {"x", OK, noon, "y"}}, Style{},
			"OK        dæmon  " + stamp + "  größer\nOK        x      " + stamp + "  y\n"},
		{"cut", []Record{{"x", OK, noon, "äöüßä longer"}}, Style{Width: 39},
			"OK        x  " + stamp + "  äö...\n"},
		{"fits", []Record{{"x", OK, noon, "äöüßä"}}, Style{Width: 39},
			"OK        x  " + stamp + "  äöüßä\n"},
		{"cut within the state", someRecords[:1], Style{Color: true, Width: 6}, "CRI...\n"},
		{"a long name", []Record{{long, OK, noon, ""}, {"x", OK, noon, ""}}, Style{},
			"OK        " + long + "  " + stamp + "\nOK        x" + strings.Repeat(" ", widestName+1) + stamp + "\n"},
	}
	for _, test := range tests {
		if got := string(AppendText(nil, test.records, test.style)); got != test.want {
			t.Errorf("%s: AppendText(%+v) = %q, want %q", test.name, test.style, got, test.want)
		}
	}
}

func TestAppendJSON(t *testing.T) {
	tests := []struct {
		name    string
		records []Record
		want    string
	}{
		{"nothing", nil, ""},
		{"several", someRecords, `{"name":"slapd","state":"CRITICAL","since":"2026-11-23T12:00:00.5Z","message":"Startup error"}
{"name":"x","state":"OK","since":"2026-11-23T12:00:00.5Z","message":""}
`},
		{"never reported", []Record{{Name: "x", State: Unknown}}, `{"name":"x","state":"UNKNOWN","message":""}` + "\n"},
		{"escapes", []Record{{`"x"`, OK, noon, "<a&b>\n\x1b"}},
			`{"name":"\"x\"","state":"OK","since":"2026-11-23T12:00:00.5Z","message":"<a&b>\n\u001b"}` + "\n"},
	}
	for _, test := range tests {
		if got, err := AppendJSON(nil, test.records); string(got) != test.want || err != nil {
			t.Errorf("%s: AppendJSON = %s, %v, want %s", test.name, got, err, test.want)
		}
	}
}

func TestAppendMetrics(t *testing.T) {
	records := append(someRecords, Record{`a"b\c`, Unknown, noon, "message"})
	const want = `# HELP syn3_service_state State last reported of a service: 0 OK, 1 CAUTION, 2 CRITICAL, 3 UNKNOWN.
# TYPE syn3_service_state gauge
syn3_service_state{service="slapd"} 2
syn3_service_state{service="x"} 0
syn3_service_state{service="a\"b\\c"} 3
# HELP syn3_service_state_since_seconds When the state of a service became what it is, in Unix time.
# TYPE syn3_service_state_since_seconds gauge
syn3_service_state_since_seconds{service="slapd"} 1795435200
syn3_service_state_since_seconds{service="x"} 1795435200
syn3_service_state_since_seconds{service="a\"b\\c"} 1795435200
`
	if got := string(AppendMetrics(nil, records)); got != want {
		t.Errorf("AppendMetrics = %s, want %s", got, want)
	}
}
