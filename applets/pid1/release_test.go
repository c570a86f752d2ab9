package pid1

import (
	"slices"
	"testing"
)

func TestToUnmount(t *testing.T) {
	const mounts = `rootfs / rootfs rw 0 0
proc /proc proc rw,nosuid 0 0
/dev/sda1 / ext4 rw,relatime 0 0
/dev/sda2 /var xfs rw 0 0
tmpfs /run tmpfs rw 0 0
/dev/loop0 /run/my\040disk\134\011 squashfs ro 0 0
server:/home /var/home nfs4 rw 0 0
broken
`
	want := []string{"/var/home", "/run/my disk\\\t", "/var", "/"}
	if got := toUnmount(mounts); !slices.Equal(got, want) {
		t.Errorf("toUnmount(%q) = %q, want %q", mounts, got, want)
	}
}

func TestSwapFiles(t *testing.T) {
	tests := []struct {
		text string
		want []string
	}{
		{"", nil},
		{"Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n", nil},
		{"Filename\tType\n/dev/zram0   partition\t1\t0\t100\n/swap\\040file  file  1 0 -2\n", []string{"/dev/zram0", "/swap file"}},
	}
	for _, test := range tests {
		if got := swapFiles(test.text); !slices.Equal(got, test.want) {
			t.Errorf("swapFiles(%q) = %q, want %q", test.text, got, test.want)
		}
	}
}

func TestUnescape(t *testing.T) {
	tests := []struct{ word, want string }{
		{"", ""},
		{"/plain", "/plain"},
		{`\040`, " "},
		{`/a\040b\011c`, "/a b\tc"},
		{`/a\`, `/a\`},
		{`/a\04`, `/a\04`},
		{`/a\x40\040`, `/a\x40 `},
		{`/a\777`, `/a\777`},
	}
	for _, test := range tests {
		if got := unescape(test.word); got != test.want {
			t.Errorf("unescape(%q) = %q, want %q", test.word, got, test.want)
		}
	}
}
