package main

import (
	"compress/gzip"
	"debug/elf"
	"io"
	"os"
	"os/exec"
	"path/filepath"
)

// compressor returns what compresses into a file as its name asks for.
func compressor(file *os.File, program string) (io.WriteCloser, error) {
	if filepath.Ext(file.Name()) == ".xz" {
		return startXZ(file, program)
	}
	return gzip.NewWriterLevel(file, gzip.BestCompression)
}

// xz is the program of that name at work.
type xz struct {
	io.WriteCloser // its standard input
	cmd            *exec.Cmd
}

// startXZ starts xz, with what kernels can undo: of its checksums only this
// one, and a dictionary that even small machines have the memory for.
func startXZ(file *os.File, program string) (*xz, error) {
	cmd := exec.Command("xz", "--check=crc32")
	cmd.Args = append(append(cmd.Args, filters(program)...), "--lzma2=preset=6e")
	cmd.Stdout, cmd.Stderr = file, os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	return &xz{in, cmd}, cmd.Start()
}

// filters returns what is to be done with the instructions first. Debian's
// kernels for arm64 know of no such thing.
func filters(program string) []string {
	file, err := elf.Open(program)
	if err != nil {
		return nil
	}
	defer file.Close()
	if file.Machine == elf.EM_X86_64 {
		return []string{"--x86"}
	}
	return nil
}

// Close waits until xz has written everything.
func (x *xz) Close() error {
	err := x.WriteCloser.Close()
	if end := x.cmd.Wait(); end != nil {
		return end
	}
	return err
}
