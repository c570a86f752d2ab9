package agent

import (
	"crypto/pbkdf2"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"unicode/utf8"

	"syn3d/protocol"
)

// accounts are those in a file, which is read whenever somebody comes: so it
// holds from the moment on at which it is changed.
type accounts struct {
	File string
}

// login returns the account of a name and a password. It takes the same time
// for a name that there is not, so that nobody can find out which there are.
func (a accounts) login(name, password string) (Account, error) {
	found, err := a.named(name)
	if err == nil && (!found.matches(password) || found.Name == "") {
		err = ErrRefused
	}
	if err != nil {
		return Account{}, err
	}
	return found.Account, nil
}

// stamped returns the account of a name, if it is the one that had the stamp.
func (a accounts) stamped(name, stamp string) (Account, error) {
	found, err := a.named(name)
	if err == nil && (found.Name == "" || found.Stamp != stamp) {
		err = ErrRefused
	}
	if err != nil {
		return Account{}, err
	}
	return found.Account, nil
}

// named returns the password of a name: nobody's if there is none.
func (a accounts) named(name string) (entry, error) {
	entries, err := readAccounts(a.File)
	if err != nil {
		return entry{}, err
	}
	for _, e := range entries {
		if !e.isToken() && e.Name == name {
			e.Stamp = e.stamp()
			return e, nil
		}
	}
	return nobody, nil
}

// token returns the account of a token.
func (a accounts) token(secret string) (Account, error) {
	entries, err := readAccounts(a.File)
	if err != nil {
		return Account{}, err
	}
	found := entry{}
	for _, e := range entries {
		if e.isToken() && e.matches(secret) {
			found = e
		}
	}
	if found.Name == "" {
		return Account{}, ErrRefused
	}
	return found.Account, nil
}

// CheckAccounts returns why nobody could log in by a file.
func CheckAccounts(file string) error {
	entries, err := readAccounts(file)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if !e.isToken() {
			return nil
		}
	}
	return &protocol.Error{What: "unable to use " + file, Err: errors.New("nobody in it has a password")}
}

// SetPassword gives an account a password, in place of the one it has had.
func SetPassword(file string, account Account, password string) error {
	if err := CheckPassword(password); err != nil {
		return err
	}
	salt := make([]byte, saltSize)
	rand.Read(salt)
	made := entry{Account: account, iterations: iterations, salt: salt}
	made.hash = made.hashOf(password)
	return changeAccounts(file, made)
}

// CheckPassword returns why something cannot be a password. A browser sends
// nothing but UTF-8.
func CheckPassword(password string) error {
	switch {
	case utf8.RuneCountInString(password) < minPassword:
		return fmt.Errorf("a password has at least %d characters", minPassword)
	case len(password) > maxPassword:
		return fmt.Errorf("a password has at most %d bytes", maxPassword)
	case !utf8.ValidString(password):
		return errors.New("a password is text in UTF-8")
	}
	return nil
}

// AddToken gives an account a token, besides those that it has. It is returned
// here and never again.
func AddToken(file string, account Account) (secret string, err error) {
	random := make([]byte, sha256.Size)
	rand.Read(random)
	secret = tokenPrefix + base64.RawURLEncoding.EncodeToString(random)
	made := entry{Account: account}
	made.hash = made.hashOf(secret)
	return secret, changeAccounts(file, made)
}

const (
	minPassword = 8    // characters
	maxPassword = 1024 // bytes
	saltSize    = 16
	tokenPrefix = "scc_" // for who looks for secrets where they ought not to be

	// iterations are what is recommended for PBKDF2 with SHA-256. Files with
	// fewer are refused.
	iterations    = 600_000
	maxIterations = 100_000_000
)

// An entry is a line of the file: a password of somebody, or a token.
type entry struct {
	Account
	iterations int // 0 for a token: what is random cannot be guessed
	salt       []byte
	hash       []byte
}

// nobody costs as much to check as somebody.
var nobody = entry{iterations: iterations, salt: make([]byte, saltSize), hash: make([]byte, sha256.Size)}

func (e entry) isToken() bool { return e.iterations == 0 }

// stamp is taken of the salt, which is made anew with each password.
func (e entry) stamp() string {
	sum := sha256.Sum256(e.salt)
	return base64.RawURLEncoding.EncodeToString(sum[:16])
}

func (e entry) matches(secret string) bool {
	return subtle.ConstantTimeCompare(e.hashOf(secret), e.hash) == 1
}

func (e entry) hashOf(secret string) []byte {
	if e.isToken() {
		sum := sha256.Sum256([]byte(secret))
		return sum[:]
	}
	hash, err := pbkdf2.Key(sha256.New, secret, e.salt, e.iterations, sha256.Size)
	if err != nil {
		return nil // matches nothing
	}
	return hash
}
