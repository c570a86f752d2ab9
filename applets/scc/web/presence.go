package web

import (
	"net/http"
	"sync"
)

// maxPresent is how many requests of one account may be under way at once. An
// open page has two that last. By HTTP/2, a few connections could have thousands,
// and who may only look must not keep the agent from those who act.
const maxPresent = 64

// A presence counts the requests under way, by the names of accounts. Those of
// nobody do not count, as they do not last, nor do actions: pages that are open
// must not keep a service from being stopped.
type presence struct {
	mu    sync.Mutex
	count map[string]int
}

// enter counts a request until leave is called. It is not ok if there are too
// many.
func (p *presence) enter(r *http.Request, name string) (leave func(), ok bool) {
	if name == "" || !onlyReads(r) {
		return func() {}, true
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.count[name] >= maxPresent {
		return nil, false
	}
	if p.count == nil {
		p.count = map[string]int{}
	}
	p.count[name]++
	return func() { p.leave(name) }, true
}

func (p *presence) leave(name string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.count[name]--; p.count[name] == 0 {
		delete(p.count, name)
	}
}
