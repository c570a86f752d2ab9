package applets

import (
	"bytes"
	"fmt"
	"testing"
)

func TestFindAccount(t *testing.T) {
	const passwd = `# comment
root:x:0:0:root:/root:/bin/sh
+nis:x:1:1:::
-no:x:2:2:::
  blank:x:3:4:::
short:x:5
noids:x:::::
negative:x:-1:0:::
large:x:4294967296:0:::
most:x:4294967295:4294967294:::
twice:x:6:7:::
twice:x:8:9:::
minimal:x:10:11
:x:12:13:::
last:x:14:15:::`
	tests := []struct {
		name string
		want account
		ok   bool
	}{
		{"root", account{0, 0}, true},
		{"+nis", account{}, false},
		{"-no", account{}, false},
		{"# comment", account{}, false},
		{"blank", account{3, 4}, true},
		{"short", account{}, false},
		{"noids", account{}, false},
		{"negative", account{}, false},
		{"large", account{}, false},
		{"most", account{4294967295, 4294967294}, true},
		{"twice", account{6, 7}, true},
		{"minimal", account{10, 11}, true},
		{"last", account{14, 15}, true},
		{"roo", account{}, false},
		{"root:x", account{}, false},
		{"14", account{}, false},
	}
	for _, test := range tests {
		if got, ok := findAccount([]byte(passwd), test.name); got != test.want || ok != test.ok {
			t.Errorf("findAccount(_, %q) = %v, %t, want %v, %t", test.name, got, ok, test.want, test.ok)
		}
	}
}

// Who is found stands there, with these numbers.
func FuzzFindAccount(f *testing.F) {
	f.Add([]byte("root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534::/:"), "nobody")
	f.Add([]byte(" a:b:1:2\na:::\n"), "a")
	f.Fuzz(func(t *testing.T, passwd []byte, name string) {
		a, ok := findAccount(passwd, name)
		if !ok {
			return
		}
		if start := []byte(name + ":"); !bytes.Contains(passwd, start) {
			t.Errorf("findAccount(%q, %q) = %v", passwd, name, a)
		}
		line := fmt.Appendf(nil, "%s:x:%d:%d:::\n", name, a.uid, a.gid)
		if again, ok := findAccount(line, name); !ok || again != a {
			t.Errorf("findAccount(%q, %q) = %v, %t, want %v", line, name, again, ok, a)
		}
	})
}
