package agent

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

func TestAccounts(t *testing.T) {
	file := filepath.Join(t.TempDir(), "syn3", "passwd")
	anna, bert := Account{Name: "anna", Role: Admin}, Account{Name: "bert", Role: Viewer}
	if _, err := AddToken(file, anna); err != nil {
		t.Fatal(err)
	}
	for account, password := range map[Account]string{anna: "correct horse", bert: "battery staple"} {
		if err := SetPassword(file, account, password); err != nil {
			t.Fatal(err)
		}
	}
	token, err := AddToken(file, bert)
	if err != nil {
		t.Fatal(err)
	}
	a := accounts{File: file}
	tests := []struct {
		name, secret string
		want         Role
	}{
		{"anna", "correct horse", Admin},
		{"bert", "battery staple", Viewer},
		{"bert", "correct horse", ""},
		{"bert", "", ""},
		{"bert", token, ""},
		{"carl", "correct horse", ""},
		{"", "", ""},
	}
	for _, test := range tests {
		got, err := a.login(test.name, test.secret)
		if got.Role != test.want || test.want == "" && !errors.Is(err, ErrRefused) || test.want != "" && err != nil {
			t.Errorf("login(%q, %q) = %v, %v, want %q", test.name, test.secret, got, err, test.want)
		}
	}
	for _, secret := range []string{"", "battery staple", token + "x", token[1:]} {
		if _, err := a.token(secret); !errors.Is(err, ErrRefused) {
			t.Errorf("token(%q): %v", secret, err)
		}
	}
	if got, err := a.token(token); got != bert || err != nil {
		t.Errorf("token = %v, %v", got, err)
	}
	if text, _ := os.ReadFile(file); strings.Contains(string(text), token) {
		t.Error("the token itself is in the file")
	}
}

func TestStamp(t *testing.T) {
	file := filepath.Join(t.TempDir(), "passwd")
	set := func(role Role, password string) string {
		if err := SetPassword(file, Account{Name: "anna", Role: role}, password); err != nil {
			t.Fatal(err)
		}
		found, err := accounts{File: file}.login("anna", password)
		if err != nil || found.Role != role || found.Stamp == "" {
			t.Fatalf("login = %v, %v", found, err)
		}
		return found.Stamp
	}
	stamp := set(Admin, "correct horse")
	if found, err := (accounts{File: file}).stamped("anna", stamp); found.Role != Admin || err != nil {
		t.Errorf("stamped = %v, %v", found, err)
	}
	if another := set(Viewer, "correct horse"); another == stamp {
		t.Error("the stamp is the same")
	}
	for _, name := range []string{"anna", "bert", ""} {
		for _, stamp := range []string{stamp, "", nobody.stamp()} {
			if _, err := (accounts{File: file}).stamped(name, stamp); !errors.Is(err, ErrRefused) {
				t.Errorf("stamped(%q, %q): %v", name, stamp, err)
			}
		}
	}
}

// TestAccountsKept changes a file that has comments, and no end of its last line.
func TestAccountsKept(t *testing.T) {
	file := filepath.Join(t.TempDir(), "passwd")
	kept := "# ours\n\n" + strings.TrimSuffix(entry{Account: Account{Name: "bert", Role: Viewer}, hash: make([]byte, 32)}.line(), "\n")
	if err := os.WriteFile(file, []byte(kept), 0o600); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := SetPassword(file, Account{Name: "anna", Role: Admin}, "correct horse"); err != nil {
			t.Fatal(err)
		}
	}
	text, _ := os.ReadFile(file)
	if !strings.HasPrefix(string(text), kept+"\n") || strings.Count(string(text), "anna:") != 1 {
		t.Errorf("the file is %q", text)
	}
	if info, _ := os.Stat(file); info.Mode() != 0o600 {
		t.Errorf("its mode is %v", info.Mode())
	}
}

func TestAccountsAtOnce(t *testing.T) {
	file := filepath.Join(t.TempDir(), "passwd")
	var all sync.WaitGroup
	for i := range 20 {
		all.Go(func() {
			if _, err := AddToken(file, Account{Name: fmt.Sprint("n", i), Role: Viewer}); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if entries, err := readAccounts(file); len(entries) != 20 || err != nil {
		t.Errorf("%d are left, %v", len(entries), err)
	}
}

func TestAccountsUnsafe(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "passwd")
	if _, err := AddToken(file, Account{Name: "anna", Role: Admin}); err != nil {
		t.Fatal(err)
	}
	for _, mode := range []os.FileMode{0o640, 0o604, 0o620, 0o602} {
		os.Chmod(file, mode)
		if _, err := readAccounts(file); err == nil || !strings.Contains(err.Error(), "chmod 600") {
			t.Errorf("mode %o: %v", mode, err)
		}
		if _, err := AddToken(file, Account{Name: "bert", Role: Admin}); err == nil {
			t.Errorf("mode %o: changed all the same", mode)
		}
	}
	if _, err := readAccounts(dir); err == nil {
		t.Error("a directory was read")
	}
	if err := CheckAccounts(filepath.Join(dir, "none")); err == nil || !strings.Contains(err.Error(), "file does not exist") {
		t.Errorf("no file: %v", err)
	}
	os.Chmod(file, 0o600)
	if err := CheckAccounts(file); err == nil || !strings.Contains(err.Error(), "nobody") {
		t.Errorf("no password: %v", err)
	}
	if os.Geteuid() == 0 {
		os.Chown(file, 65534, 65534)
		if _, err := readAccounts(file); err == nil || !strings.Contains(err.Error(), "belongs to uid 65534") {
			t.Errorf("somebody else's: %v", err)
		}
	}
}

func TestParseAccounts(t *testing.T) {
	const (
		salt = "AAAAAAAAAAAAAAAAAAAAAA"
		hash = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
		good = "anna:admin:pbkdf2-sha256:600000:" + salt + ":" + hash
	)
	tests := []struct{ name, text, want string }{
		{"nothing", "", ""},
		{"one", good, ""},
		{"comments", "# x\n\n" + good + "\n", ""},
		{"a token", "a.b@c_d+e-f:viewer:sha256:" + hash, ""},
		{"two tokens", "a:viewer:sha256:" + hash + "\na:admin:sha256:" + hash, ""},
		{"two passwords", good + "\n" + good, "line 2: another password for the same name"},
		{"words", "hello", "line 1: not an account"},
		{"no name", ":admin:sha256:" + hash, "line 1: a name"},
		{"a long name", strings.Repeat("a", 65) + ":admin:sha256:" + hash, "line 1: a name"},
		{"a blank", "a b:admin:sha256:" + hash, "line 1: a name"},
		{"a letter of another script", "é:admin:sha256:" + hash, "line 1: a name"},
		{"no such role", "a:root:sha256:" + hash, "line 1: a role"},
		{"no role", "a::sha256:" + hash, "line 1: a role"},
		{"another scheme", "a:admin:plain:" + hash, "line 1: neither"},
		{"more fields", good + ":", "line 1: neither"},
		{"few iterations", "a:admin:pbkdf2-sha256:599999:" + salt + ":" + hash, "line 1: not a number of iterations"},
		{"many iterations", "a:admin:pbkdf2-sha256:999999999999:" + salt + ":" + hash, "line 1: not a number of iterations"},
		{"a sign", "a:admin:pbkdf2-sha256:+600000:" + salt + ":" + hash, "line 1: not a number of iterations"},
		{"no salt", "a:admin:pbkdf2-sha256:600000::" + hash, "line 1: not a salt"},
		{"a short salt", "a:admin:pbkdf2-sha256:600000:AAAA:" + hash, "line 1: not a salt"},
		{"a short hash", "a:admin:sha256:AAAA", "line 1: not a hash"},
		{"padding", "a:admin:sha256:" + hash + "=", "line 1: not a hash"},
		{"carriage return", good + "\r\n", "line 1: not a hash"},
	}
	for _, test := range tests {
		_, err := parseAccounts(test.text)
		if got := fmt.Sprint(err); test.want == "" && err != nil || !strings.HasPrefix(got, test.want) {
			t.Errorf("%s: %v, want %q", test.name, err, test.want)
		}
	}
}

// FuzzParseAccounts asks that what is taken says just what it was.
func FuzzParseAccounts(f *testing.F) {
	for _, text := range []string{
		"# comment\n\nanna:admin:sha256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n",
		"anna:viewer:pbkdf2-sha256:600000:AAAAAAAAAAAAAAAAAAAAAA:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
		"a:b:c:d", ":::::", "\x00\n:\xff",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		entries, err := parseAccounts(text)
		if err != nil {
			if len(entries) != 0 {
				t.Errorf("entries in spite of %v", err)
			}
			return
		}
		var again strings.Builder
		for _, e := range entries {
			again.WriteString(e.line())
		}
		var lines strings.Builder
		for line := range strings.Lines(text) {
			line = strings.TrimSuffix(line, "\n")
			if line != "" && line[0] != '#' {
				lines.WriteString(line + "\n")
			}
		}
		if again.String() != lines.String() {
			t.Errorf("%q is %q", text, again.String())
		}
	})
}

func TestCheckPassword(t *testing.T) {
	for password, want := range map[string]bool{
		"12345678": true, "ééééßßßß": true, "1234567": false, "": false, "ééé": false,
		strings.Repeat("x", 1025): false, "1234567\xff8": false,
	} {
		if got := CheckPassword(password) == nil; got != want {
			t.Errorf("CheckPassword(%q) = %v", password, got)
		}
	}
}
