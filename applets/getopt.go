package applets

// getopt reads options as the original does: letters may be joined, parsing
// stops at the first argument that is no option or begins with two dashes
// (and then is dropped, whatever follows them), and a dash alone is an
// operand. letters holds every known letter, each followed by a colon if it
// takes a value: the rest of its argument, or the next one. option is called
// for each in turn.
//
// The error for what cannot be understood ends with synopsis.
func getopt(name, letters, synopsis string, args []string, option func(letter byte, value string)) (operands []string, err error) {
	for len(args) > 0 && len(args[0]) > 1 && args[0][0] == '-' {
		word := args[0][1:]
		args = args[1:]
		if word[0] == '-' {
			break
		}
		for word != "" {
			letter := word[0]
			word = word[1:]
			known, takesValue := find(letters, letter)
			if !known {
				return nil, badOption(name, "illegal option", letter, synopsis)
			}
			if !takesValue {
				option(letter, "")
				continue
			}
			if word == "" {
				if len(args) == 0 {
					return nil, badOption(name, "option requires an argument", letter, synopsis)
				}
				word, args = args[0], args[1:]
			}
			option(letter, word)
			break
		}
	}
	return args, nil
}

func find(letters string, letter byte) (known, takesValue bool) {
	for i := range len(letters) {
		if letters[i] == letter && letter != ':' {
			return true, i+1 < len(letters) && letters[i+1] == ':'
		}
	}
	return false, false
}

func badOption(name, what string, letter byte, synopsis string) error {
	return Usage(name + ": " + what + " -- " + string([]byte{letter}) + "\n" + synopsis)
}
