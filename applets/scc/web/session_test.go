package web

import (
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
	synctest.Test(t, func(t *testing.T) {
		var s sessions
		first, session := s.begin(anna)
		second, _ := s.begin(anna)
		time.Sleep(time.Second)
		s.use(second)
		for range maxSessions - 1 {
			s.begin(anna)
		}
		if s.use(first) || session.ctx.Err() == nil {
			t.Error("the one idle for longest is left")
		}
		if !s.use(second) || len(s.open) != maxSessions {
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
