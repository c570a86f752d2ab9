package service

import (
	"os"
	"slices"
	"testing"
)

func TestBefore(t *testing.T) {
	scan := t.TempDir()
	for name, after := range map[string]string{
		"web": "db\ncache\n", "db": "disk\n", "cache": "disk\n", "disk": "",
		"ring": "gnir\n", "gnir": "ring\n", "self": "self\n", "lost": "nobody\n",
	} {
		if err := os.Mkdir(scan+"/"+name, 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(scan+"/"+name+"/after", []byte(after), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for _, test := range []struct {
		name string
		dirs []string
		want []string
	}{
		{"nothing", []string{"disk"}, nil},
		{"one", []string{"db"}, []string{"disk"}},
		{"each once, in order", []string{"web"}, []string{"disk", "db", "cache"}},
		{"asked for, and after another", []string{"web", "db", "disk"}, []string{"disk", "db", "cache"}},
		{"a ring", []string{"ring"}, []string{"gnir"}},
		{"itself", []string{"self"}, nil},
		{"nobody", []string{"lost"}, []string{"nobody"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, rest := Before(in(scan, test.dirs))
			if want := in(scan, test.want); !slices.Equal(got, want) {
				t.Errorf("Before(%q) = %q, want %q", test.dirs, got, want)
			}
			if want := in(scan, test.dirs[:1]); !slices.Equal(rest, want) {
				t.Errorf("Before(%q) leaves %q, want %q", test.dirs, rest, want)
			}
		})
	}
}

func in(scan string, names []string) (dirs []string) {
	for _, name := range names {
		dirs = append(dirs, scan+"/"+name)
	}
	return dirs
}
