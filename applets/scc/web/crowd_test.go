package web

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"runtime"
	"strings"
	"testing"
	"time"
)

// TestThousandConnections has a thousand that are opened and say little, from
// the address of an administrator: he has an open page, and can open others.
func TestThousandConnections(t *testing.T) {
	s := start(t, "127.0.0.1:0", nil)
	told := make(chan struct{})
	s.routes = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/events" {
			http.NewResponseController(w).Flush()
			<-told
		}
		io.WriteString(w, "told")
	})
	s.url += "/events"
	page := s.open(t, "Bearer "+annasToken)
	s.url = strings.TrimSuffix(s.url, "/events")
	kept := &http.Client{}
	reused := false
	trace := httptrace.WithClientTrace(t.Context(), &httptrace.ClientTrace{
		GotConn: func(info httptrace.GotConnInfo) { reused = info.Reused },
	})
	ask := func(client *http.Client) error {
		r, _ := http.NewRequestWithContext(trace, "GET", s.url, nil)
		r.Header.Set("Authorization", "Bearer "+annasToken)
		response, err := client.Do(r)
		if err != nil {
			return err
		}
		defer response.Body.Close()
		_, err = io.ReadAll(response.Body)
		return err
	}
	if err := ask(kept); err != nil {
		t.Fatal(err)
	}

	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	for i := range 1000 {
		conn := s.connect(t)
		fmt.Fprintf(conn, "GET /%d HTTP/1.1\r\nHost:", i)
		if i%100 != 0 {
			continue
		}
		if err := ask(kept); err != nil || !reused {
			t.Errorf("his connection, after %d: %v, or it is another one", i, err)
		}
		if err := ask(&http.Client{Transport: plainTransport}); err != nil {
			t.Errorf("another one of his, after %d: %v", i, err)
		}
	}
	eventually(t, "there are too many", func() bool { return s.crowd.size() <= maxOfOne })
	runtime.GC()
	runtime.ReadMemStats(&after)
	if grown := int64(after.HeapAlloc+after.StackInuse) - int64(before.HeapAlloc+before.StackInuse); grown > 4<<20 {
		t.Errorf("it takes %d more bytes", grown)
	}
	close(told)
	if body, err := io.ReadAll(page); string(body) != "told" || err != nil {
		t.Errorf("the open page: %q, %v", body, err)
	}
}

func (c *crowd) size() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.open)
}

func TestCrowd(t *testing.T) {
	tests := []struct {
		name  string
		crowd []connection // besides that which comes
		want  int          // which of them has to go: -1 none, else len(crowd), the one that comes
	}{
		{"room", connections(maxOfOne-1, "a"), -1},
		{"one address", connections(maxOfOne, "a"), 0},
		{"other addresses", connections(maxOfOne, "b"), -1},
		{"too many in all", append(connections(200, "b"), connections(256, "c")[200:]...), 0},
		{"a visitor's are the last to go", append([]connection{{network: "a", known: true}}, connections(maxOfOne-1, "a")...), 1},
		{"unless he has all of them", all(connections(maxOfOne, "a"), func(c *connection) { c.known = true }), 0},
		{"what is served now stays", all(connections(maxOfOne, "a"), func(c *connection) { c.busy = 1 }), maxOfOne},
	}
	for _, test := range tests {
		crowd, fresh := &crowd{open: map[*connection]bool{}}, &connection{network: "a"}
		for i := range test.crowd {
			crowd.open[&test.crowd[i]] = true
		}
		var want *connection
		if test.want == len(test.crowd) {
			want = fresh
		} else if test.want >= 0 {
			want = &test.crowd[test.want]
		}
		if got := crowd.admit(fresh); got != want {
			t.Errorf("%s: %+v has to go, want %+v", test.name, got, want)
		}
	}
}

// connections returns n from one network, the oldest first.
func connections(n int, network string) []connection {
	all := make([]connection, n)
	for i := range all {
		all[i] = connection{Conn: &net.TCPConn{}, network: network, last: time.Unix(int64(i), 0)}
	}
	return all
}

func all(of []connection, do func(*connection)) []connection {
	for i := range of {
		do(&of[i])
	}
	return of
}
