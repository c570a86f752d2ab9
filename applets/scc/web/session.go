package web

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"sync"
	"time"

	"syn3d/applets/scc/agent"
)

const (
	idleSession = time.Hour      // without a request, or an open page
	longSession = 12 * time.Hour // in any case
	maxSessions = 500
	maxOfOwner  = 20 // sessions of one account

	// accountCheck is for how long an account is taken for what it has been.
	accountCheck = 5 * time.Second
)

// sessions are those of who has logged in. Only hashes of the secrets that
// browsers show are kept. They are in memory alone: a restart ends them all.
type sessions struct {
	mu   sync.Mutex
	open map[[sha256.Size]byte]*session
}

// A session is what somebody does between logging in and out.
type session struct {
	csrf string
	ctx  context.Context // done when the session is over
	end  context.CancelFunc

	// The sessions' lock guards these.
	account agent.Account
	checked time.Time // when the account was seen to be still the same
	busy    int       // how many requests are being answered
	last    time.Time // when the last one had been
}

// begin makes a session, and returns the secret by which it is found again.
func (s *sessions) begin(account agent.Account) (secret string, made *session) {
	secret = newSecret()
	now := time.Now()
	made = &session{csrf: newSecret(), account: account, checked: now, last: now}
	made.ctx, made.end = context.WithTimeout(context.Background(), longSession)

	s.mu.Lock()
	defer s.mu.Unlock()
	s.forget(account.Name)
	if s.open == nil {
		s.open = map[[sha256.Size]byte]*session{}
	}
	s.open[sha256.Sum256([]byte(secret))] = made
	return secret, made
}

// find returns the session of a secret, nil if there is none. It stays in use
// until done is called.
func (s *sessions) find(secret string) (found *session, done func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	key := sha256.Sum256([]byte(secret))
	found = s.open[key]
	if found == nil {
		return nil, nil
	}
	if found.over() {
		s.remove(key)
		return nil, nil
	}
	found.busy++
	return found, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		found.busy--
		found.last = time.Now()
	}
}

// finish ends a session, and all that is under way in it.
func (s *sessions) finish(secret string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.remove(sha256.Sum256([]byte(secret)))
}

func (s *sessions) remove(key [sha256.Size]byte) {
	if found := s.open[key]; found != nil {
		found.end()
		delete(s.open, key)
	}
}

// forget makes room for another one of an account: all that are over go, and if
// there are too many yet, the one least used, of that account if it has many
// itself: nobody can log others out by logging in.
func (s *sessions) forget(name string) {
	var least, leastOwn [sha256.Size]byte
	own := 0
	for key, one := range s.open {
		if one.over() {
			s.remove(key)
			continue
		}
		if s.open[least] == nil || one.lessUsedThan(s.open[least]) {
			least = key
		}
		if one.account.Name != name {
			continue
		}
		own++
		if s.open[leastOwn] == nil || one.lessUsedThan(s.open[leastOwn]) {
			leastOwn = key
		}
	}
	switch {
	case own >= maxOfOwner:
		s.remove(leastOwn)
	case len(s.open) >= maxSessions:
		s.remove(least)
	}
}

// lessUsedThan reports whether a session had better go than another one. One with
// an open page is not idle, however long ago the page was asked for.
func (s *session) lessUsedThan(other *session) bool {
	if (s.busy > 0) != (other.busy > 0) {
		return other.busy > 0
	}
	return s.last.Before(other.last)
}

// accountOf returns whose session it is. Whether that account is still the same
// is found out now and then, by check. If it is not, the session is over.
func (s *sessions) accountOf(one *session, check func(agent.Account) (agent.Account, error)) (agent.Account, error) {
	s.mu.Lock()
	account, due := one.account, time.Since(one.checked) >= accountCheck
	s.mu.Unlock()
	if !due {
		return account, nil
	}
	account, err := check(account)
	if errors.Is(err, agent.ErrRefused) {
		one.end()
		return agent.Account{}, nil
	}
	if err != nil {
		return agent.Account{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	one.account, one.checked = account, time.Now()
	return account, nil
}

func (s *session) over() bool {
	return s.ctx.Err() != nil || s.busy == 0 && time.Since(s.last) >= idleSession
}

// newSecret returns 256 random bits in letters.
func newSecret() string {
	var secret [32]byte
	rand.Read(secret[:])
	return base64.RawURLEncoding.EncodeToString(secret[:])
}
