package applets

import (
	"bytes"
	"testing"
)

func TestScroll(t *testing.T) {
	tests := []struct{ what, window, text, want string }{
		{"nothing", "abcd", "", "abcd"},
		{"a little", "abcd", "12", "cd12"},
		{"as much as fits", "abcd", "1234", "1234"},
		{"more", "abcd", "123456", "3456"},
		{"NUL is left out", "abcd", "1\x002\x00", "cd12"},
		{"only NUL", "abcd", "\x00\x00", "abcd"},
		{"other characters stay", "abcd", "\n\x01\xff", "d\n\x01\xff"},
	}
	for _, test := range tests {
		window := []byte(test.window)
		if scroll(window, []byte(test.text)); string(window) != test.want {
			t.Errorf("%s: scroll(%q, %q) leaves %q, want %q", test.what, test.window, test.text, window, test.want)
		}
	}
}

// What is read at once scrolls as what is read byte by byte.
func FuzzScroll(f *testing.F) {
	f.Add("ab", []byte("one\x00two"))
	f.Add("0123456789", []byte{0})
	f.Fuzz(func(t *testing.T, before string, text []byte) {
		got, want := []byte(before), []byte(before)
		for _, b := range text {
			if b != 0 && len(want) > 0 {
				want = append(want[1:], b)
			}
		}
		if scroll(got, text); !bytes.Equal(got, want) {
			t.Errorf("scroll(%q, %q) leaves %q, want %q", before, text, got, want)
		}
	})
}
