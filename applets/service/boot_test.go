package service

import (
	"os"
	"testing"

	"syn3d/protocol"
)

func TestBoot(t *testing.T) {
	const down = "/" + protocol.DownFile
	tests := []struct {
		what    string
		prepare func(dir string) error
	}{
		{"normally up", func(string) error { return nil }},
		{"normally down", func(dir string) error { return os.WriteFile(dir+down, []byte("why"), 0o400) }},
		{"a link", func(dir string) error { return os.Symlink("why", dir+down) }},
		{"a link to nowhere", func(dir string) error { return os.Symlink("no/such/directory", dir+down) }},
	}
	for _, test := range tests {
		dir := t.TempDir()
		check(t, test.prepare(dir))
		for _, step := range []struct {
			name string
			do   func(string) error
			down bool
		}{{"Disable", Disable, true}, {"Disable again", Disable, true}, {"Enable", Enable, false}, {"Enable again", Enable, false}} {
			if err := step.do(dir); err != nil {
				t.Errorf("%s: %s = %v", test.what, step.name, err)
			}
			if got, err := protocol.NormallyDown(dir); got != step.down || err != nil {
				t.Errorf("%s: after %s NormallyDown = %t, %v, want %t", test.what, step.name, got, err, step.down)
			}
		}
	}
}

func TestBootCannot(t *testing.T) {
	dir := t.TempDir()
	if got, want := errorText(Disable(dir+"/x")), "unable to create "+dir+"/x/down: file does not exist"; got != want {
		t.Errorf("Disable = %q, want %q", got, want)
	}
	check(t, os.Mkdir(dir+"/down", 0o755))
	if got, want := errorText(Enable(dir)), "unable to remove "+dir+"/down: is a directory"; got != want {
		t.Errorf("Enable = %q, want %q", got, want)
	}
	if err := Disable(dir); err != nil {
		t.Errorf("Disable = %v, want none", err)
	}
}

func errorText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}
