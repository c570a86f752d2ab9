package applets

import (
	"math"
	"math/big"
	"strings"
	"testing"
)

func TestParseSoftLimit(t *testing.T) {
	const unlimited = math.MaxUint64
	tests := []struct {
		value string
		hard  uint64
		want  uint64
		ok    bool
	}{
		{"0", 10, 0, true},
		{"7", 10, 7, true},
		{"11", 10, 10, true},
		{"=", 10, 10, true},
		{"", 10, 0, true},
		{"007", unlimited, 7, true},
		{"18446744073709551615", unlimited, unlimited, true},
		{"18446744073709551626", unlimited, 10, true},
		{"-1", 10, 0, false},
		{"+1", 10, 0, false},
		{" 1", 10, 0, false},
		{"1k", 10, 0, false},
		{"==", 10, 0, false},
		{"unlimited", unlimited, 0, false},
	}
	for _, test := range tests {
		if got, ok := parseSoftLimit(test.value, test.hard); got != test.want || ok != test.ok {
			t.Errorf("parseSoftLimit(%q, %d) = %d, %t, want %d, %t",
				test.value, test.hard, got, ok, test.want, test.ok)
		}
	}
}

// A number of any length is taken modulo 2^64.
func FuzzParseSoftLimit(f *testing.F) {
	for _, value := range []string{"0", "=", "18446744073709551617", "1x", ""} {
		f.Add(value, uint64(100))
	}
	f.Fuzz(func(t *testing.T, value string, hard uint64) {
		isNumber := strings.Trim(value, "0123456789") == ""
		soft, ok := parseSoftLimit(value, hard)
		if ok != (isNumber || value == "=") || soft > hard {
			t.Fatalf("parseSoftLimit(%q, %d) = %d, %t", value, hard, soft, ok)
		}
		if !isNumber {
			return
		}
		number, _ := new(big.Int).SetString("0"+value, 10)
		number.And(number, new(big.Int).SetUint64(math.MaxUint64))
		if want := min(number.Uint64(), hard); soft != want {
			t.Errorf("parseSoftLimit(%q, %d) = %d, want %d", value, hard, soft, want)
		}
	})
}
