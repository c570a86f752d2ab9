package main

import (
	"fmt"
	"io"
	"os"
)

// An archive is written in the format newc of cpio, which the kernel unpacks:
// see Documentation/driver-api/early-userspace/buffer-format.rst of Linux.
type archive struct {
	out   io.Writer
	inode int
	err   error // the first
}

// What stands in front of the bits for permissions in a mode.
const (
	directory = 0o040000
	regular   = 0o100000
	link      = 0o120000
)

func (a *archive) addDir(name string) { a.add(name, directory|0o755, nil) }

func (a *archive) addLink(name, target string) { a.add(name, link|0o777, []byte(target)) }

func (a *archive) addFile(name, path string) {
	content, err := os.ReadFile(path)
	a.fail(err)
	info, err := os.Stat(path)
	a.fail(err)
	if a.err == nil {
		a.add(name, regular|int(info.Mode().Perm()), content)
	}
}

func (a *archive) finish() { a.add("TRAILER!!!", 0, nil) }

// add adds an entry that belongs to root and is as old as Unix, so that the
// same files make the same archive.
func (a *archive) add(name string, mode int, content []byte) {
	if a.err != nil {
		return
	}
	a.inode++
	const owner, group, links, made, device, check = 0, 0, 1, 0, 0, 0
	head := "070701"
	for _, field := range []int{a.inode, mode, owner, group, links, made, len(content),
		device, device, device, device, len(name) + 1, check} {
		head += fmt.Sprintf("%08X", field)
	}
	a.write([]byte(head + name + "\x00"))
	a.write(content)
}

// write writes a part of an entry, which ends at a multiple of four.
func (a *archive) write(part []byte) {
	_, err := a.out.Write(append(part, make([]byte, -len(part)&3)...))
	a.fail(err)
}

func (a *archive) fail(err error) {
	if a.err == nil {
		a.err = err
	}
}
