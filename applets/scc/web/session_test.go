package web

import (
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"syn3d/applets/scc/agent"
)

func TestSessionIdle(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var s sessions
		secret, _ := s.begin(anna)
		time.Sleep(idleSession - time.Second)
		if !s.use(secret) {
			t.Fatal("over too soon")
		}
		time.Sleep(idleSession - time.Second)
		if !s.use(secret) {
			t.Fatal("over although it was used")
		}
		time.Sleep(idleSession)
		if s.use(secret) {
			t.Fatal("not over")
		}
		if len(s.open) != 0 {
			t.Error("not forgotten")
		}
	})
}

// TestSessionOpenPage has a page open, which is use, until the session has been
// long enough.
func TestSessionOpenPage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var s sessions
		secret, _ := s.begin(anna)
		session, done := s.find(secret)
		time.Sleep(longSession - time.Second)
		if session.ctx.Err() != nil || !s.use(secret) {
			t.Fatal("over too soon")
		}
		time.Sleep(time.Second)
		synctest.Wait()
		if session.ctx.Err() == nil || s.use(secret) {
			t.Fatal("not over")
		}
		done()
	})
}

func TestSessionsBounded(t *testing.T) {
	tests := []struct {
		what string
		name func(i int) string // whose the others are
		most int
	}{
		{"of others, each one", func(i int) string { return "guest" + strconv.Itoa(i) }, maxSessions},
		{"of the same account", func(int) string { return "anna" }, maxOfOwner},
	}
	for _, test := range tests {
		t.Run(test.what, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var s sessions
				first, session := s.begin(anna)
				second, _ := s.begin(anna)
				open, _ := s.begin(anna)
				_, done := s.find(open) // a page that stays open
				time.Sleep(time.Second)
				s.use(second)
				for i := range test.most - 2 {
					s.begin(agent.Account{Name: test.name(i)})
				}
				if s.use(first) || session.ctx.Err() == nil {
					t.Error("the one idle for longest is left")
				}
				if !s.use(second) || !s.use(open) || len(s.open) != test.most {
					t.Errorf("%d are left", len(s.open))
				}
				done()
				for key := range s.open {
					s.remove(key)
				}
			})
		})
	}
}

// TestSessionsOfOthers has one account log in again and again.
func TestSessionsOfOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var s sessions
		annas, _ := s.begin(anna)
		for range 2 * maxSessions {
			time.Sleep(time.Second)
			s.begin(bert)
		}
		if !s.use(annas) || len(s.open) != maxOfOwner+1 {
			t.Errorf("%d are left", len(s.open))
		}
		for key := range s.open {
			s.remove(key)
		}
	})
}

func TestSessionEndsWithAccount(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var s sessions
		secret, session := s.begin(anna)
		answer, asked := anna, 0
		check := func(agent.Account) (agent.Account, error) {
			asked++
			if answer.Name == "" {
				return answer, agent.ErrRefused
			}
			return answer, nil
		}
		answer.Role = agent.Viewer
		if account, _ := s.accountOf(session, check); account.Role != agent.Admin || asked != 0 {
			t.Errorf("asked at once: %v", account)
		}
		time.Sleep(accountCheck)
		if account, _ := s.accountOf(session, check); account.Role != agent.Viewer {
			t.Errorf("still %v", account)
		}
		time.Sleep(accountCheck)
		answer = agent.Account{}
		if account, err := s.accountOf(session, check); account.Role != "" || err != nil || s.use(secret) {
			t.Errorf("still %v, %v", account, err)
		}
	})
}

// use reports whether there is a session to use.
func (s *sessions) use(secret string) bool {
	found, done := s.find(secret)
	if found != nil {
		done()
	}
	return found != nil
}
