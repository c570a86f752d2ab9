package applets

import (
	"io"
	"os"

	"syn3d/applets/inherited"
)

// filterBuffer is as much as a pipe holds.
const filterBuffer = 64 << 10

// A translator appends to out what stands for text, the next part of the
// input. It also returns what it cannot translate without seeing more, a few
// bytes from the end of text; nothing, if this is the last part.
type translator func(out, text []byte, last bool) (translated, rest []byte)

// filterStandard translates standard input to standard output. Signals do to
// it what they would do to a C program: one that is ignored stays so, PIPE
// among them, and a descriptor that is closed is not /dev/null.
func filterStandard(translate translator) error {
	inherited.Restore()
	return filter(os.Stdin, os.Stdout, translate)
}

// filter translates in to out, until in ends. All that has been read is
// written before more is waited for. There are no messages for errors.
func filter(in io.Reader, out io.Writer, translate translator) error {
	buffer := make([]byte, filterBuffer)
	translated := make([]byte, 0, 2*filterBuffer)
	held := 0
	for {
		n, readErr := in.Read(buffer[held:])
		var rest []byte
		translated, rest = translate(translated[:0], buffer[:held+n], readErr != nil)
		held = copy(buffer, rest)
		if !write(out, translated) {
			return Silently(codeFatal)
		}
		if readErr == io.EOF {
			return nil
		}
		if readErr != nil {
			return Silently(codeFatal)
		}
	}
}

// write writes text, if there is any, and reports whether it could.
func write(out io.Writer, text []byte) bool {
	if len(text) == 0 {
		return true
	}
	_, err := out.Write(text)
	return err == nil
}
