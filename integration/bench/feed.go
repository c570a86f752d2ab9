package main

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"time"

	"golang.org/x/sys/unix"
)

// fed is how much a command is given to read. It takes the fastest of them a
// few hundredths of a second, of which its start is a small part.
const fed = 48 << 20

const gib = 1 << 30

// text returns lines of that length, newline included, enough to be written
// again and again. They are like those of a log.
func text(length int) []byte {
	const words = "Nov 23 12:02:32 host daemon[1234]: request 5678 from 192.0.2.17 for /some/path took 12 ms; "
	line := append(bytes.Repeat([]byte(words), length/len(words)+1)[:length-1], '\n')
	return bytes.Repeat(line, max(1, pipeSize/length))
}

// labelled returns such lines with labels in front, 100 of them a second.
func labelled(length int) []byte {
	var lines []byte
	for i, line := range bytes.SplitAfter(text(length), []byte("\n")) {
		if len(line) > 0 {
			lines = fmt.Appendf(lines, "@40000000%08x%08x ", 0x6b042b62+i/100, i%100*10_000_000+500)
			lines = append(lines, line...)
		}
	}
	return lines
}

// pipeSize is what a pipe takes at once.
const pipeSize = 64 << 10

// feed runs a command with lines, repeated, as its input, and returns its CPU
// time in seconds a GiB.
func feed(cmd *exec.Cmd, lines []byte) (float64, error) {
	size := 0
	err := withInput(cmd, func(pipe *os.File) (err error) {
		size, err = pour(pipe, lines, fed)
		return err
	})
	if err != nil {
		return 0, err
	}
	return cpuOf(cmd).Seconds() / float64(size) * gib, nil
}

// withInput runs a command, with a pipe as its input for as long as write is
// at work.
func withInput(cmd *exec.Cmd, write func(pipe *os.File) error) error {
	in, out, err := os.Pipe()
	if err != nil {
		return err
	}
	defer out.Close()
	cmd.Stdin = in
	err = cmd.Start()
	in.Close()
	if err != nil {
		return err
	}
	writeErr := write(out)
	out.Close()
	return cmp.Or(cmd.Wait(), writeErr)
}

// pour writes lines again and again, until it is at least as many bytes, and
// returns how many.
func pour(pipe *os.File, lines []byte, least int) (size int, err error) {
	for size < least {
		n, err := pipe.Write(lines)
		size += n
		if err != nil {
			return size, err
		}
	}
	return size, nil
}

// drained waits until all that has been written to a pipe has been read.
func drained(pipe *os.File) error {
	for deadline := now() + patience; now() < deadline; time.Sleep(time.Millisecond) {
		if unread, err := unix.IoctlGetInt(int(pipe.Fd()), unix.TIOCINQ); err != nil || unread == 0 {
			return err
		}
	}
	return errors.New("the input is not read")
}
