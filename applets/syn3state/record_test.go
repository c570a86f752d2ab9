package syn3state

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

var noon = time.Date(2026, 11, 23, 12, 0, 0, 5e8, time.UTC)

func TestCheckName(t *testing.T) {
	tests := []struct {
		name string
		text string
		ok   bool
	}{
		{"plain", "slapd", true},
		{"blank", "my service", true},
		{"not ASCII", "dæmon", true},
		{"like an option", "-x", true},
		{"a dot within", "www.example.org", true},
		{"longest", strings.Repeat("x", 255), true},
		{"too long", strings.Repeat("x", 256), false},
		{"empty", "", false},
		{"this directory", ".", false},
		{"above", "..", false},
		{"hidden", ".new", false},
		{"path", "squid/log", false},
		{"absolute", "/service/squid", false},
		{"upwards", "../../etc/passwd", false},
		{"newline", "a\nb", false},
		{"escape", "a\x1b[31m", false},
		{"C1", "a\u009bb", false},
		{"NUL", "a\x00", false},
		{"not UTF-8", "a\xff", false},
	}
	for _, test := range tests {
		if err := CheckName(test.text); (err == nil) != test.ok {
			t.Errorf("%s: CheckName(%q) = %v, want ok: %v", test.name, test.text, err, test.ok)
		}
	}
}

func TestEncode(t *testing.T) {
	const head = "state=CAUTION\nsince=2026-11-23T12:00:00.5Z\nmessage="
	tests := []struct{ name, message, want string }{
		{"none", "", head + "\n"},
		{"plain", "Startup error", head + "Startup error\n"},
		{"lines", "a\nb\n", head + `a\nb\n` + "\n"},
		{"backslashes", `a\nb\`, head + `a\\nb\\` + "\n"},
		{"like a key", "state=OK", head + "state=OK\n"},
		{"like a line", "\nstate=OK", head + `\nstate=OK` + "\n"},
	}
	for _, test := range tests {
		record := Record{"x", Caution, noon, test.message}
		got := string(record.encode())
		if got != test.want {
			t.Errorf("%s: encode(%q) = %q, want %q", test.name, test.message, got, test.want)
		}
		if back, err := decode("x", []byte(got)); back != record || err != nil {
			t.Errorf("%s: decode(%q) = %+v, %v, want %+v", test.name, got, back, err, record)
		}
	}
}

func TestDecode(t *testing.T) {
	const state, since = "state=OK\n", "since=2026-11-23T12:00:00.5Z\n"
	tests := []struct {
		name, text string
		ok         bool
		message    string
	}{
		{"another order", "message=m\n" + since + state, true, "m"},
		{"no message", state + since, true, ""},
		{"no newline at the end", since + "message=m\nstate=OK", true, "m"},
		{"unknown keys", "color=red\n" + state + since + "weight\nmessage=m\n", true, "m"},
		{"unknown escapes", state + since + `message=\t\` + "\n", true, `\t\`},
		{"not UTF-8", state + since + "message=\xff\xff.\n", true, "\uFFFD."},
		{"empty", "", false, ""},
		{"newlines", "\n\n\n", false, ""},
		{"binary", "\x00\x01\xff", false, ""},
		{"no state", since, false, ""},
		{"no such state", "state=FINE\n" + since, false, ""},
		{"no since", state, false, ""},
		{"no such day", state + "since=2026-02-30T12:00:00Z\n", false, ""},
		{"another zone", state + "since=2026-11-23T12:00:00+01:00\n", false, ""},
		{"the zero time", state + "since=0001-01-01T00:00:00Z\n", false, ""},
		{"year with five digits", state + "since=10000-01-01T00:00:00Z\n", false, ""},
	}
	for _, test := range tests {
		want := Record{}
		if test.ok {
			want = Record{"x", OK, noon, test.message}
		}
		if got, err := decode("x", []byte(test.text)); got != want || (err == nil) != test.ok {
			t.Errorf("%s: decode(%q) = %+v, %v, want %+v", test.name, test.text, got, err, want)
		}
	}
}

func TestCleanMessage(t *testing.T) {
	long := strings.Repeat("x", maxMessage)
	tests := []struct{ name, text, want string }{
		{"plain", "Started", "Started"},
		{"control characters are kept", "a\n\x1b[31m", "a\n\x1b[31m"},
		{"not UTF-8", "K\xf6ln", "K\uFFFDln"},
		{"longest", long, long},
		{"too long", long + "y", long},
		{"cut within a letter", long[1:] + "ä", long[1:] + "\uFFFD"},
	}
	for _, test := range tests {
		if got := cleanMessage(test.text); got != test.want {
			t.Errorf("%s: cleanMessage(%q) = %q, want %q", test.name, test.text, got, test.want)
		}
	}
}

// The longest message can be read again, however much of it is escaped.
func TestMaxRecord(t *testing.T) {
	for _, pattern := range []string{"\n", "\\", "\xff\n", "\xff\\\n"} {
		message := cleanMessage(strings.Repeat(pattern, maxMessage))
		if size := len(Record{"x", Critical, noon, message}.encode()); size > maxRecord {
			t.Errorf("a record of %q takes %d bytes, more than %d", pattern, size, maxRecord)
		}
	}
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte{})
	f.Add(Record{"x", Caution, noon, "a\nb\\"}.encode())
	f.Add([]byte("message=\xff\\\\n\nsince=2026-11-23T12:00:00,123456789123Z\nstate=unknown\nstate"))
	f.Fuzz(func(t *testing.T, text []byte) {
		record, err := decode("x", text)
		if err != nil {
			return
		}
		if record.Since.IsZero() || !utf8.ValidString(record.Message) {
			t.Fatalf("decode(%q) = %+v", text, record)
		}
		if _, err := AppendJSON(nil, []Record{record}); err != nil {
			t.Errorf("AppendJSON(%+v): %v", record, err)
		}
		if again, err := decode("x", record.encode()); again != record || err != nil {
			t.Errorf("decode(%q) = %+v, %v, want %+v", record.encode(), again, err, record)
		}
	})
}
