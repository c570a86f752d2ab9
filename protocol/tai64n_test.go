package protocol

import (
	"bytes"
	"encoding/hex"
	"math"
	"strings"
	"testing"
	"time"
)

func TestLabelOf(t *testing.T) {
	for _, test := range []struct {
		name string
		time time.Time
		want Label
	}{
		{"the epoch", time.Unix(0, 0), Label{0x400000000000000a, 500}},
		{"nanoseconds become 500", time.Unix(0, 1999), Label{0x400000000000000a, 1500}},
		{"the last microsecond", time.Unix(1, 999999999), Label{0x400000000000000b, 999999500}},
		{"before the epoch", time.Unix(-11, 0), Label{0x3fffffffffffffff, 500}},
		{"the example of the manual", time.Date(1999, 8, 24, 4, 4, 5, 787492999, time.UTC), Label{0x4000000037c219bf, 0x2ef02e94}},
		{"behind 2106", time.Unix(1<<32, 0), Label{0x400000010000000a, 500}},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := LabelOf(test.time); got != test.want {
				t.Errorf("LabelOf(%v) = %x, want %x", test.time, got, test.want)
			}
		})
	}
}

func TestLabelTime(t *testing.T) {
	for _, test := range []struct {
		label Label
		want  time.Time
	}{
		{Label{0x4000000037c219bf, 0x2ef02e94}, time.Date(1999, 8, 24, 4, 4, 5, 787492500, time.UTC)},
		{Label{0x400000000000000a, 0}, time.Unix(0, 0)},
		{Label{0x4000000000000000, 0}, time.Unix(-10, 0)},
	} {
		if got := test.label.Time(); !got.Equal(test.want) {
			t.Errorf("%x.Time() = %v, want %v", test.label, got, test.want)
		}
	}
}

func TestLabelAge(t *testing.T) {
	now := time.Unix(1e9, 0)
	sec := LabelOf(now).Sec
	for _, test := range []struct {
		name  string
		label Label
		want  uint64
	}{
		{"now", Label{sec, 0}, 0},
		{"nanoseconds do not count", Label{sec - 1, 999999999}, 1},
		{"a day", Label{sec - 86400, 0}, 86400},
		{"the future", Label{sec + 1, 0}, 0},
		{"the far future", Label{math.MaxUint64, math.MaxUint32}, 0},
		{"the largest exact double", Label{sec - 1<<53, 0}, 1 << 53},
		{"rounded to even", Label{sec - (1<<53 + 1), 0}, 1 << 53},
		{"rounded up", Label{sec - (1<<53 + 3), 0}, 1<<53 + 4},
		{"no label", Label{}, 4611686019427388416}, // not ...7914
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := test.label.Age(now); got != test.want {
				t.Errorf("%x.Age(%v) = %d, want %d", test.label, now, got, test.want)
			}
		})
	}
}

// The clock of now may show anything, too.
func TestLabelAgeAbsurdClock(t *testing.T) {
	if got := (Label{}).Age(time.Unix(math.MaxInt64, 0)); got < 1<<62 {
		t.Errorf("Age at the end of time = %d, want at least %d", got, uint64(1<<62))
	}
	if got := (Label{1 << 62, 0}).Age(time.Unix(-1<<62, 0)); got != 0 {
		t.Errorf("Age before all labels = %d, want 0", got)
	}
}

func FuzzLabel(f *testing.F) {
	f.Add(uint64(0x4000000037c219bf), uint32(0x2ef02e94), int64(1e9))
	f.Add(uint64(0), uint32(math.MaxUint32), int64(math.MaxInt64))
	f.Add(uint64(math.MaxUint64), uint32(0), int64(math.MinInt64))
	f.Fuzz(func(t *testing.T, sec uint64, nano uint32, unix int64) {
		label := Label{sec, nano}
		encoded := AppendLabel(nil, label)
		if len(encoded) != LabelSize || decodeLabel(encoded) != label {
			t.Errorf("decodeLabel(%x) = %x, want %x", encoded, decodeLabel(encoded), label)
		}
		now := time.Unix(unix, 0)
		age := label.Age(now)
		if LabelOf(now).Sec <= sec && age != 0 {
			t.Errorf("%x.Age(%d) = %d, want 0", label, unix, age)
		}
		earlier := Label{sec / 2, nano}
		if earlier.Age(now) < age {
			t.Errorf("%x.Age(%d) = %d, but %d for the later %x", earlier, unix, earlier.Age(now), age, label)
		}
		if again, ok := ParseLabel(AppendLabelText(nil, label)); !ok || again != label {
			t.Errorf("ParseLabel(AppendLabelText(%x)) = %x, %v", label, again, ok)
		}
		if again := LabelOf(label.Time()); nano < 1e9 && again.Sec != sec {
			t.Errorf("LabelOf(%x.Time()) = %x", label, again)
		}
	})
}

// Labels sort like the times they stand for.
func TestLabelOrder(t *testing.T) {
	times := []time.Time{time.Unix(-100, 0), time.Unix(0, 0), time.Unix(0, 1e3), time.Unix(1, 0), time.Unix(1<<33, 0)}
	for i := 1; i < len(times); i++ {
		earlier, later := AppendLabel(nil, LabelOf(times[i-1])), AppendLabel(nil, LabelOf(times[i]))
		if bytes.Compare(earlier, later) >= 0 {
			t.Errorf("the label of %v, %x, is not before that of %v, %x", times[i-1], earlier, times[i], later)
		}
	}
}

func TestParseLabel(t *testing.T) {
	manual := Label{0x4000000037c219bf, 0x2ef02e94}
	for _, test := range []struct {
		name, text string
		want       Label
		ok         bool
	}{
		{"the example of the manual", "@4000000037c219bf2ef02e94", manual, true},
		{"a blank behind it", "@4000000037c219bf2ef02e94 mark", manual, true},
		{"a capital behind it", "@4000000037c219bf2ef02e94A", manual, true},
		{"a digit behind it", "@4000000037c219bf2ef02e94a", Label{}, false},
		{"zero", "@000000000000000000000000", Label{}, true},
		{"all ones", "@ffffffffffffffffffffffff", Label{math.MaxUint64, math.MaxUint32}, true},
		{"all digits", "@0123456789abcdef01234567", Label{0x0123456789abcdef, 0x01234567}, true},
		{"a digit missing", "@4000000037c219bf2ef02e9", Label{}, false},
		{"a digit missing, text behind", "@4000000037c219bf2ef02e9 x", Label{}, false},
		{"a capital", "@4000000037C219bf2ef02e94", Label{}, false},
		{"no @", "4000000037c219bf2ef02e940", Label{}, false},
		{"nothing", "", Label{}, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got, ok := ParseLabel([]byte(test.text)); ok != test.ok || ok && got != test.want {
				t.Errorf("ParseLabel(%q) = %x, %v, want %x, %v", test.text, got, ok, test.want, test.ok)
			}
		})
	}
}

// Every byte in every place is a digit or spoils the label.
func TestParseLabelBytes(t *testing.T) {
	const digits = "0123456789abcdef"
	for place := 1; place < LabelTextSize; place++ {
		for c := range 256 {
			text := []byte("@000000000000000000000000")
			text[place] = byte(c)
			_, ok := ParseLabel(text)
			if want := strings.IndexByte(digits, byte(c)) >= 0; ok != want {
				t.Errorf("ParseLabel(%q) = %v, want %v", text, ok, want)
			}
		}
	}
}

func TestEndsInLabel(t *testing.T) {
	for text, want := range map[string]bool{
		"@":                           true,
		"@4000":                       true,
		"@4000000037c219bf2ef02e94":   true,
		"@4000000037c219bf2ef02e94 ":  false,
		"@4000000037c219bf2ef02e940":  false,
		"@4000000037c219bf2ef02e9400": false,
		"@ ":                          false,
		"@4000A":                      false,
		"@@":                          false,
		"x":                           false,
	} {
		if got := EndsInLabel([]byte(text)); got != want {
			t.Errorf("EndsInLabel(%q) = %v, want %v", text, got, want)
		}
	}
}

func TestLabelTextAllocates(t *testing.T) {
	text := make([]byte, 0, LabelTextSize)
	allocations := testing.AllocsPerRun(100, func() {
		label, _ := ParseLabel(AppendLabelText(text, Label{1 << 62, 500}))
		AppendLabelText(text, label)
	})
	if allocations != 0 {
		t.Errorf("a label is written and read with %v allocations, want 0", allocations)
	}
}

// A label that is read is written again the same, and none is read that
// encoding/hex cannot.
func FuzzParseLabel(f *testing.F) {
	f.Add([]byte("@4000000037c219bf2ef02e94 mark"))
	f.Add([]byte("@4000000037C219BF2EF02E94 mark"))
	f.Add([]byte("@40000000"))
	f.Fuzz(func(t *testing.T, text []byte) {
		label, ok := ParseLabel(text)
		if !ok {
			return
		}
		if written := AppendLabelText(nil, label); !bytes.HasPrefix(text, written) {
			t.Errorf("ParseLabel(%q) = %x, which is %s", text, label, written)
		}
		decoded, err := hex.DecodeString(string(text[1:LabelTextSize]))
		if err != nil || decodeLabel(decoded) != label {
			t.Errorf("ParseLabel(%q) = %x, want %x, %v", text, label, decoded, err)
		}
	})
}
