// Initramfs makes a system that is nothing but syn3d, busybox and a few
// services, for the kernel to start from memory:
//
//	initramfs [-o file] syn3d busybox directory ...
//
// Both programs have to be static, and for the machine that is to start it.
// Directories are put into the root, the last of them winning. A file .xz is
// compressed by xz, any other as gzip does.
package main

import (
	"flag"
	"io/fs"
	"log"
	"os"
	"path/filepath"

	"syn3d/applets"
)

func main() {
	log.SetFlags(0)
	log.SetPrefix("initramfs: fatal: ")
	file := flag.String("o", "initramfs.gz", "the `file` to write")
	flag.Parse()
	if flag.NArg() < 3 {
		log.Fatal("usage: initramfs [-o file] syn3d busybox directory ...")
	}
	if err := write(*file, flag.Arg(0), flag.Arg(1), flag.Args()[2:]); err != nil {
		log.Fatal(err)
	}
}

func write(file, syn3d, busybox string, trees []string) error {
	out, err := os.Create(file)
	if err != nil {
		return err
	}
	defer out.Close()
	compressed, err := compressor(out, syn3d)
	if err != nil {
		return err
	}
	a := &archive{out: compressed}
	a.addPrograms(syn3d, busybox)
	for _, tree := range trees {
		a.addTree(tree)
	}
	a.finish()
	a.fail(compressed.Close())
	a.fail(out.Close())
	return a.err
}

// addPrograms adds both programs and, of the links to them, all of syn3d's.
// Those of busybox it can make itself, but for the shell that has it do so.
func (a *archive) addPrograms(syn3d, busybox string) {
	a.addDir("bin")
	a.addFile("bin/syn3d", syn3d)
	a.addFile("bin/busybox", busybox)
	a.addLink("bin/sh", "busybox")
	a.addLink("init", "bin/syn3d")
	for _, applet := range applets.All() {
		if applet.Linked() || applet.Group == applets.Machine {
			a.addLink("bin/"+applet.Name, "syn3d")
		}
	}
}

// addTree adds what is in a directory. Directories that are empty elsewhere
// hold a file .keep, for git; that is left out.
func (a *archive) addTree(tree string) {
	err := filepath.WalkDir(tree, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || path == tree || entry.Name() == ".keep" {
			return err
		}
		name, err := filepath.Rel(tree, path)
		if err != nil {
			return err
		}
		if entry.IsDir() {
			a.addDir(name)
		} else {
			a.addFile(name, path)
		}
		return a.err
	})
	a.fail(err)
}
