package main

import (
	"bytes"
	"os"
	"os/exec"
	"testing"
)

// What cpio makes of an archive is what went into it.
func TestArchive(t *testing.T) {
	cpio, err := exec.LookPath("cpio")
	if err != nil {
		t.Skip("cpio is missing: this test needs the package cpio")
	}
	file := t.TempDir() + "/five"
	if err := os.WriteFile(file, []byte("12345"), 0o640); err != nil {
		t.Fatal(err)
	}
	var archived bytes.Buffer
	a := &archive{out: &archived}
	a.addDir("d")
	a.addFile("d/five", file)
	a.addLink("d/link", "five")
	a.finish()
	if a.err != nil {
		t.Fatal(a.err)
	}
	root := t.TempDir()
	unpack := exec.Command(cpio, "--extract", "--quiet")
	unpack.Dir, unpack.Stdin = root, &archived
	if out, err := unpack.CombinedOutput(); err != nil || len(out) > 0 {
		t.Fatalf("cpio: %v, %s", err, out)
	}
	if got, err := os.ReadFile(root + "/d/link"); string(got) != "12345" {
		t.Errorf("d/link holds %q, %v, want 12345", got, err)
	}
	info, err := os.Stat(root + "/d/five")
	if err != nil || info.Mode() != 0o640 {
		t.Errorf("the mode of d/five = %v, %v, want %v", info.Mode(), err, os.FileMode(0o640))
	}
}
