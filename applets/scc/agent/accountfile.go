package agent

import (
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"syn3d/protocol"

	"golang.org/x/sys/unix"
)

// The file of accounts has a line for each password and each token:
//
//	NAME:ROLE:pbkdf2-sha256:ITERATIONS:SALT:HASH
//	NAME:ROLE:sha256:HASH
//
// SALT and HASH are in base64 without padding. Lines that are empty or begin
// with # are comments. A name has at most one password, and any number of
// tokens. To remove an account, remove its lines.
const (
	passwordScheme = "pbkdf2-sha256"
	tokenScheme    = "sha256"

	maxAccounts = 1 << 20 // bytes of the file
	maxName     = 64
)

var encoding = base64.RawStdEncoding.Strict()

// readAccounts returns what is in the file. If it has one line that cannot be
// understood it is not used at all: it may be just that which matters.
func readAccounts(file string) ([]entry, error) {
	text, err := readPrivate(file)
	if err == nil {
		var entries []entry
		if entries, err = parseAccounts(text); err == nil {
			return entries, nil
		}
	}
	return nil, &protocol.Error{What: "unable to use " + file, Err: err}
}

// readPrivate reads a file that nobody else may read or write.
func readPrivate(name string) (string, error) {
	file, err := os.OpenFile(name, os.O_RDONLY|unix.O_NONBLOCK, 0)
	if err != nil {
		return "", err
	}
	defer file.Close()
	var st unix.Stat_t
	if err := unix.Fstat(int(file.Fd()), &st); err != nil {
		return "", err
	}
	switch {
	case st.Mode&unix.S_IFMT != unix.S_IFREG:
		return "", errors.New("not a regular file")
	case st.Mode&0o077 != 0:
		return "", fmt.Errorf("others may use it: chmod 600 %s", name)
	case st.Uid != 0 && int(st.Uid) != os.Geteuid():
		return "", fmt.Errorf("it belongs to uid %d", st.Uid)
	case st.Size > maxAccounts:
		return "", errors.New("file too big")
	}
	text, err := io.ReadAll(io.LimitReader(file, maxAccounts))
	return string(text), err
}

func parseAccounts(text string) (entries []entry, err error) {
	named := map[string]bool{}
	number := 0
	for line := range strings.Lines(text) {
		number++
		line = strings.TrimSuffix(line, "\n")
		if line == "" || line[0] == '#' {
			continue
		}
		e, err := parseEntry(line)
		if err == nil && !e.isToken() && named[e.Name] {
			err = errors.New("another password for the same name")
		}
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", number, err)
		}
		named[e.Name] = named[e.Name] || !e.isToken()
		entries = append(entries, e)
	}
	return entries, nil
}

func parseEntry(line string) (e entry, err error) {
	fields := strings.Split(line, ":")
	if len(fields) < 4 {
		return entry{}, errors.New("not an account")
	}
	e.Account = Account{Name: fields[0], Role: Role(fields[1])}
	if err := CheckAccount(e.Account); err != nil {
		return entry{}, err
	}
	switch scheme, rest := fields[2], fields[3:]; {
	case scheme == passwordScheme && len(rest) == 3:
		if e.iterations, err = parseIterations(rest[0]); err != nil {
			return entry{}, err
		}
		if e.salt = decode(rest[1]); len(e.salt) < saltSize {
			return entry{}, errors.New("not a salt")
		}
		return e.withHash(rest[2])
	case scheme == tokenScheme && len(rest) == 1:
		return e.withHash(rest[0])
	}
	return entry{}, errors.New("neither a password nor a token")
}

// parseIterations takes a number as we write it, and no less than we ask for.
func parseIterations(text string) (int, error) {
	n, err := strconv.Atoi(text)
	if err != nil || strconv.Itoa(n) != text || n < iterations || n > maxIterations {
		return 0, fmt.Errorf("not a number of iterations from %d to %d", iterations, maxIterations)
	}
	return n, nil
}

func (e entry) withHash(text string) (entry, error) {
	if e.hash = decode(text); len(e.hash) != sha256.Size {
		return entry{}, errors.New("not a hash")
	}
	return e, nil
}

// decode returns nothing if it is not just as we write it: package base64 leaves
// out line breaks.
func decode(text string) []byte {
	decoded, err := encoding.DecodeString(text)
	if err != nil || strings.ContainsAny(text, "\r\n") {
		return nil
	}
	return decoded
}

// line returns the entry as a line of the file.
func (e entry) line() string {
	hash := encoding.EncodeToString(e.hash)
	fields := []string{e.Name, string(e.Role), tokenScheme, hash}
	if !e.isToken() {
		fields = []string{e.Name, string(e.Role), passwordScheme,
			strconv.Itoa(e.iterations), encoding.EncodeToString(e.salt), hash}
	}
	return strings.Join(fields, ":") + "\n"
}

// CheckAccount returns why there can be no such account.
func CheckAccount(a Account) error {
	const signs = "-_.@+"
	if a.Name == "" || len(a.Name) > maxName || strings.ContainsFunc(a.Name, func(r rune) bool {
		return !('a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || strings.ContainsRune(signs, r))
	}) {
		return errors.New("a name has 1 to 64 letters, digits, and any of " + signs)
	}
	if a.Role != Admin && a.Role != Viewer {
		return fmt.Errorf("a role is %s or %s", Admin, Viewer)
	}
	return nil
}

// changeAccounts adds an entry, in place of the password that it replaces. All
// other lines stay as they are. Two who do so at once do it in turn.
func changeAccounts(file string, made entry) error {
	err := CheckAccount(made.Account)
	if err == nil {
		err = os.MkdirAll(filepath.Dir(file), 0o755)
	}
	if err == nil {
		var unlock func()
		if unlock, err = lock(filepath.Dir(file)); err == nil {
			defer unlock()
			err = rewriteAccounts(file, made)
		}
	}
	if err != nil {
		return &protocol.Error{What: "unable to change " + file, Err: err}
	}
	return nil
}

// lock takes the directory itself for a lock, so that no file need stay behind.
func lock(dir string) (unlock func(), err error) {
	file, err := os.Open(dir)
	if err != nil {
		return nil, err
	}
	return func() { file.Close() }, unix.Flock(int(file.Fd()), unix.LOCK_EX)
}

func rewriteAccounts(file string, made entry) error {
	text, err := readPrivate(file)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if _, err := parseAccounts(text); err != nil {
		return err
	}
	var lines strings.Builder
	for line := range strings.Lines(text) {
		if old, err := parseEntry(strings.TrimSuffix(line, "\n")); err == nil && made.replaces(old) {
			continue
		}
		lines.WriteString(strings.TrimSuffix(line, "\n") + "\n")
	}
	lines.WriteString(made.line())
	return WritePrivate(file, lines.String())
}

func (e entry) replaces(old entry) bool {
	return e.Name == old.Name && !e.isToken() && !old.isToken()
}

// WritePrivate puts a file that only we may read in the place of what is there,
// in one step.
func WritePrivate(name, text string) error {
	file, err := os.CreateTemp(filepath.Dir(name), "."+filepath.Base(name)+".*") // mode 0600
	if err != nil {
		return err
	}
	_, err = file.WriteString(text)
	err = errors.Join(err, file.Sync(), file.Close())
	if err == nil {
		err = os.Rename(file.Name(), name)
	}
	if err != nil {
		os.Remove(file.Name())
	}
	return err
}
