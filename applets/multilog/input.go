package multilog

import "golang.org/x/sys/unix"

const (
	stdin    = 0
	pipeSize = 64 << 10 // as much as a pipe holds unless told otherwise
)

// An input is standard input until its end, which TERM may bring about.
type input struct {
	signals *signals
	onAlarm func() // called when ALRM has come, before the next read
	inLine  bool   // what has been read ends within a line
}

// read waits for input and reads it into buffer. It returns 0 when there will
// be no more.
//
// After TERM it reads byte by byte, to leave what follows the line to the
// next reader. A read that fails is the end, as for the original; but an empty
// input is not, when it does not block.
func (in *input) read(buffer []byte) int {
	for {
		if in.signals.alarm.Swap(false) {
			in.onAlarm()
		}
		if in.signals.term.Load() {
			if !in.inLine {
				return 0
			}
			buffer = buffer[:1]
		}
		if readable, came := in.signals.wait(stdin, -1); !readable || came {
			continue
		}
		n, err := rawRead(stdin, buffer)
		if err == unix.EAGAIN || err == unix.EINTR {
			continue
		}
		if n <= 0 {
			return 0
		}
		in.inLine = buffer[n-1] != '\n'
		return n
	}
}
