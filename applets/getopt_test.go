package applets

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// parse returns what getopt makes of args: the options, each followed by its
// value in brackets if it takes one, and the operands.
func parse(letters string, args []string) (options string, operands []string, err error) {
	operands, err = getopt("tool", letters, "the synopsis", args, func(letter byte, value string) {
		options += string([]byte{letter})
		if strings.Contains(letters, string([]byte{letter, ':'})) {
			options += "[" + value + "]"
		}
	})
	return options, operands, err
}

func TestGetopt(t *testing.T) {
	const letters = "abm:o:1" // m and o take values
	for _, test := range []struct {
		name     string
		args     []string
		options  string
		operands []string
	}{
		{"nothing", nil, "", nil},
		{"operands", []string{"x", "y"}, "", []string{"x", "y"}},
		{"one", []string{"-a"}, "a", nil},
		{"a cluster", []string{"-ab1", "x"}, "ab1", []string{"x"}},
		{"several", []string{"-a", "-b", "-a"}, "aba", nil},
		{"stops at an operand", []string{"-a", "x", "-b"}, "a", []string{"x", "-b"}},
		{"stops at an empty operand", []string{"-a", "", "-b"}, "a", []string{"", "-b"}},
		{"a dash is an operand", []string{"-a", "-", "-b"}, "a", []string{"-", "-b"}},
		{"two dashes end it", []string{"-a", "--", "-b"}, "a", []string{"-b"}},
		{"two dashes end it once", []string{"--", "--", "x"}, "", []string{"--", "x"}},
		{"so does any word behind them", []string{"--help", "-b"}, "", []string{"-b"}},
		{"also a known letter", []string{"--a", "-b"}, "", []string{"-b"}},
		{"three dashes", []string{"---", "x"}, "", []string{"x"}},
		{"a glued value", []string{"-m100", "x"}, "m[100]", []string{"x"}},
		{"a value of its own", []string{"-m", "100", "x"}, "m[100]", []string{"x"}},
		{"a value behind a cluster", []string{"-abm100"}, "abm[100]", nil},
		{"letters of a value", []string{"-mab"}, "m[ab]", nil},
		{"a value like an option", []string{"-m", "-a"}, "m[-a]", nil},
		{"a value of two dashes", []string{"-m", "--", "-a"}, "m[--]a", nil},
		{"an empty value", []string{"-m", "", "x"}, "m[]", []string{"x"}},
		{"the last value counts for the caller", []string{"-m1", "-o", "2", "-m3"}, "m[1]o[2]m[3]", nil},
		{"= is no separator", []string{"-m=1"}, "m[=1]", nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			options, operands, err := parse(letters, test.args)
			if options != test.options || !slices.Equal(operands, test.operands) || err != nil {
				t.Errorf("getopt(%q) = %s, %q, %v, want %s, %q", test.args, options, operands, err, test.options, test.operands)
			}
		})
	}
}

func TestGetoptFails(t *testing.T) {
	for _, test := range []struct {
		name string
		args []string
		want string
	}{
		{"unknown", []string{"-z"}, "illegal option -- z"},
		{"unknown in a cluster", []string{"-azb"}, "illegal option -- z"},
		{"a dash in a cluster", []string{"-a-"}, "illegal option -- -"},
		{"a colon", []string{"-:"}, "illegal option -- :"},
		{"a blank", []string{"- a"}, "illegal option --  "},
		{"not ASCII", []string{"-\xff"}, "illegal option -- \xff"},
		{"one byte of a letter", []string{"-ä"}, "illegal option -- \xc3"},
		{"no value", []string{"-m"}, "option requires an argument -- m"},
		{"no value behind a cluster", []string{"-abm"}, "option requires an argument -- m"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, _, err := parse("abm:", test.args)
			want := "tool: " + test.want + "\nthe synopsis\n"
			if err == nil || err.Error() != want {
				t.Errorf("getopt(%q) = %v, want %q", test.args, err, want)
			}
			if code := Report(&strings.Builder{}, "tool", err); code != codeUsage {
				t.Errorf("getopt(%q) exits with %d, want %d", test.args, code, codeUsage)
			}
		})
	}
}

func FuzzGetopt(f *testing.F) {
	f.Add("-a\n-m\n5\nx")
	f.Add("-ab\n--\n-m")
	f.Add("-\n-a")
	f.Add("-m")
	f.Fuzz(func(t *testing.T, lines string) {
		args := strings.Split(lines, "\n")
		options, operands, err := parse("abm:", args)
		if err != nil {
			return
		}
		taken := len(args) - len(operands)
		if taken < 0 || !slices.Equal(args[taken:], operands) {
			t.Fatalf("getopt(%q) leaves %q, which is not its end", args, operands)
		}
		if want, end := reference(args); options != want || taken != end {
			t.Errorf("getopt(%q) = %s and %d arguments, want %s and %d", args, options, taken, want, end)
		}
	})
}

// reference spells out the rules for arguments without a mistake: what the
// options are, for the letters abm:, and how many arguments they take.
func reference(args []string) (options string, taken int) {
	for taken < len(args) {
		arg := args[taken]
		switch {
		case strings.HasPrefix(arg, "--"):
			return options, taken + 1
		case arg == "-" || !strings.HasPrefix(arg, "-"):
			return options, taken
		}
		taken++
		flags, value, valued := strings.Cut(arg[1:], "m")
		options += flags
		if valued && value == "" {
			value = args[taken]
			taken++
		}
		if valued {
			options += fmt.Sprintf("m[%s]", value)
		}
	}
	return options, taken
}
