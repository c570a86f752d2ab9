package scc

import (
	"io"
	"os"
	"testing"
)

func TestExtract(t *testing.T) {
	for _, test := range []struct{ what, file, want string }{
		{"as make does it", "program" + "data" + "00000004syn3dscc", "data"},
		{"nothing but that", "data" + "00000004syn3dscc", "data"},
		{"a program alone", "a program that is longer than the mark", ""},
		{"another mark", "program" + "data" + "00000004syn3dxyz", ""},
		{"no number", "program" + "data" + "0000000xsyn3dscc", ""},
		{"less than there should be", "data" + "00000005syn3dscc", ""},
		{"short", "syn3dscc", ""},
		{"empty", "", ""},
	} {
		name := t.TempDir() + "/syn3d"
		if err := os.WriteFile(name, []byte(test.file), 0o755); err != nil {
			t.Fatal(err)
		}
		file, err := extract(name)
		if test.want == "" {
			if err != errNotBuilt {
				t.Errorf("%s: extract = %v, want %v", test.what, err, errNotBuilt)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", test.what, err)
			continue
		}
		got, _ := io.ReadAll(io.NewSectionReader(file, 0, 1<<20))
		if string(got) != test.want {
			t.Errorf("%s: extract = %q, want %q", test.what, got, test.want)
		}
		file.Close()
	}
}
