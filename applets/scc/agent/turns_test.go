package agent

import (
	"context"
	"encoding/json"
	"net"
	"testing"
	"testing/synctest"
	"time"
)

// TestTurns asks for actions on a service, of which none ends before it is
// overtaken, and for those on another one.
func TestTurns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var all turns
		ctx, interrupt := context.WithCancel(t.Context())
		var done []Action
		ask := func(name string, action Action) {
			go func() { // until it is overtaken, or all are interrupted
				own, end := all.begin(ctx, request{Service: name, Action: action, By: "anna"})
				defer end()
				if own.Err() == nil {
					done = append(done, action)
				}
				<-own.Done()
				if got := overtakenBy(own) != nil; got == (ctx.Err() != nil) {
					t.Errorf("%s of %s: overtaken is %t", action, name, got)
				}
			}()
			synctest.Wait()
		}
		want := func(what string, actions ...Action) {
			t.Helper()
			if len(done) != len(actions) || len(actions) > 0 && done[len(done)-1] != actions[len(actions)-1] {
				t.Errorf("%s: %v were done, want %v", what, done, actions)
			}
		}
		ask("web", Start)
		ask("web", Start)
		want("the same twice", Start, Start)
		ask("other", Stop)
		want("another service", Start, Start, Stop)
		ask("web", Stop)
		want("something else", Start, Start, Stop, Stop)
		if len(all.underway["web"]) != 1 {
			t.Errorf("%d are under way", len(all.underway["web"]))
		}
		ended := false
		go func() { all.wait(); ended = true }()
		synctest.Wait()
		if ended {
			t.Error("wait does not wait")
		}
		interrupt()
		synctest.Wait()
		if !ended || len(all.underway) != 0 {
			t.Errorf("under way to the end: %v", all.underway)
		}
	})
}

// TestTurnsStuck has an action not end that is overtaken: what is asked for later
// is done all the same.
func TestTurnsStuck(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var all turns
		stuck, _ := all.begin(t.Context(), request{Service: "web", Action: Start})
		began := time.Now()
		own, end := all.begin(t.Context(), request{Service: "web", Action: Stop, By: "anna"})
		if own.Err() != nil || time.Since(began) != overtakeLimit {
			t.Errorf("begun after %s, %v", time.Since(began), own.Err())
		}
		if why := overtakenBy(stuck); why == nil || why.Error() != "overtaken by stop, anna" {
			t.Errorf("overtaken: %v", why)
		}
		end()
		all.wait()
	})
}

// TestNobodyListens has who asked for an action take nothing of what he is told,
// which must not hold it up.
func TestNobodyListens(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		here, there := net.Pipe()
		defer here.Close()
		w := &work{out: &teller{there, json.NewEncoder(there)}}
		began := time.Now()
		w.tell(Progress{Line: "one"})
		w.tell(Progress{Line: "two"})
		if lasted := time.Since(began); lasted != listenLimit || !w.deaf {
			t.Errorf("waited for %s, deaf %t", lasted, w.deaf)
		}
	})
}
