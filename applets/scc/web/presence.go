package web

import (
	"net/http"
	"sync"
)

// maxPresent is how many requests of one account may be under way at once. An
// open page has two that last. By HTTP/2, a few connections could have thousands,
// and who may only look must not keep the agent from those who act.
const maxPresent = 64

// A presence counts the requests under way. Those of nobody do not count: they do
// not last.
type presence struct {
	mu    sync.Mutex
	count map[present]int
}

// A present is what counts as one: pages that are open must not keep a service
// from being stopped.
type present struct {
	name string // of the account
	acts bool
}

// enter counts a request of an account until leave is called. It is not ok if
// there are too many.
func (p *presence) enter(r *http.Request, name string) (leave func(), ok bool) {
	if name == "" {
		return func() {}, true
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	one := present{name, !onlyReads(r)}
	if p.count[one] >= maxPresent {
		return nil, false
	}
	if p.count == nil {
		p.count = map[present]int{}
	}
	p.count[one]++
	return func() { p.leave(one) }, true
}

func (p *presence) leave(one present) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.count[one]--; p.count[one] == 0 {
		delete(p.count, one)
	}
}
