package agent

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"syn3d/applets/syn3state"
	"syn3d/protocol"
)

// A view is what somebody who watches sees.
type view struct {
	t      *testing.T
	events chan Event
	seen   map[string]Service
}

func watch(t *testing.T, c *Client) *view {
	t.Helper()
	v := &view{t, make(chan Event, 1000), map[string]Service{}}
	go c.Watch(t.Context(), func(e Event) error {
		v.events <- e
		return nil
	})
	v.until("all have been told of", func(e Event) bool { return e.Ready })
	return v
}

// until waits for an event.
func (v *view) until(what string, is func(Event) bool) {
	v.t.Helper()
	timeout := time.After(patience)
	for {
		select {
		case e := <-v.events:
			if e.Service != nil {
				v.seen[e.Service.Name] = *e.Service
			}
			delete(v.seen, e.Gone)
			if is(e) {
				return
			}
		case <-timeout:
			v.t.Fatalf("not seen: %s", what)
		}
	}
}

func (v *view) untilCondition(name string, want Condition) {
	v.t.Helper()
	v.until(name+" is "+string(want), func(e Event) bool {
		return e.Service != nil && e.Service.Name == name && e.Service.Condition == want
	})
}

func TestWatch(t *testing.T) {
	scan := t.TempDir()
	squid := superviseFake(t, scan+"/squid")
	superviseFake(t, scan+"/slapd")
	write(t, scan+"/.hidden/run", "", 0o755)
	write(t, scan+"/a file", "", 0o755)
	v := watch(t, newAgent(t, scan))
	if len(v.seen) != 2 || v.seen["squid"].Condition != DownAmiss {
		t.Fatalf("seen: %+v, want squid and slapd, down", v.seen)
	}

	squid.up(1, 0)
	v.untilCondition("squid", Unverified)
	v.untilCondition("squid", Verified) // after a while, without anything happening
	write(t, scan+"/squid/down", "", 0o644)
	v.until("it is disabled", func(e Event) bool { return e.Service != nil && e.Service.Boot == "down" })
	squid.crash(1)
	v.untilCondition("squid", Starting)
	squid.up(2, 0)
	squid.crash(2)
	v.untilCondition("squid", Crashing)
	squid.ok.Close()
	v.untilCondition("squid", Missing)

	store := syn3state.Store{Dir: scan + "/.states"} // which is not there yet
	_, err := store.Set("slapd", syn3state.Caution, "slow")
	check(t, err)
	v.until("it was reported", func(e Event) bool { return e.Service != nil && e.Service.Monitor.Message == "slow" })
	_, err = store.Set("slapd", syn3state.OK, "fine")
	check(t, err)
	v.until("it was reported again", func(e Event) bool { return e.Service != nil && e.Service.Monitor.Message == "fine" })
}

// TestWatchOriginal has a service crash whose supervisor is the original, which
// does not tell of ends.
func TestWatchOriginal(t *testing.T) {
	scan := t.TempDir()
	squid := superviseFake(t, scan+"/squid")
	v := watch(t, newAgent(t, scan))
	for pid := 1; pid <= 4; pid++ {
		squid.up(pid, 0)
		v.until("it is up again", func(e Event) bool { return e.Service != nil && e.Service.Pid == pid })
	}
	if got := v.seen["squid"].Condition; got != Crashing {
		t.Errorf("after three ends it is %s, want %s", got, Crashing)
	}
}

// TestWatchNames has services come, go, and be replaced.
func TestWatchNames(t *testing.T) {
	scan, elsewhere := t.TempDir(), t.TempDir()
	v := watch(t, newAgent(t, scan))
	superviseFake(t, elsewhere+"/one").up(1, time.Hour)
	other := superviseFake(t, elsewhere+"/other")
	check(t, os.Symlink(elsewhere+"/one", scan+"/web"))
	v.untilCondition("web", Verified)
	check(t, os.Symlink(elsewhere+"/other", scan+"/.web"))
	check(t, os.Rename(scan+"/.web", scan+"/web"))
	v.untilCondition("web", DownAmiss)
	other.up(2, time.Hour)
	v.untilCondition("web", Verified)
	check(t, os.Remove(scan+"/web"))
	v.until("it has gone", func(e Event) bool { return e.Gone == "web" })

	check(t, os.MkdirAll(scan+"/late", 0o755))
	v.untilCondition("late", Missing)
	superviseFake(t, scan+"/late")
	v.untilCondition("late", DownAmiss)
}

// TestWatchNoDirectory begins before there is a scan directory.
func TestWatchNoDirectory(t *testing.T) {
	scan := t.TempDir() + "/service"
	v := watch(t, newAgent(t, scan))
	superviseFake(t, scan+"/squid")
	v.untilCondition("squid", DownAmiss)
	check(t, os.RemoveAll(scan))
	v.until("it has gone", func(e Event) bool { return e.Gone == "squid" })
	superviseFake(t, scan+"/squid").up(1, time.Hour)
	v.untilCondition("squid", Verified)
}

func TestServices(t *testing.T) {
	scan := t.TempDir()
	superviseFake(t, scan+"/b").up(os.Getpid(), time.Hour)
	superviseFake(t, scan+"/a b")
	write(t, scan+"/\xff/run", "", 0o755) // cannot be shown
	c := newAgent(t, scan)
	services, err := c.Services(t.Context(), true)
	check(t, err)
	var names []string
	for _, s := range services {
		names = append(names, s.Name)
	}
	if !slices.Equal(names, []string{"a b", "b"}) {
		t.Fatalf("Services = %q", names)
	}
	if b := services[1]; b.Usage == nil || b.Usage.Processes == 0 || b.Seconds != 3600 || b.Pid != os.Getpid() {
		t.Errorf("b is %+v, uses %+v", b, b.Usage)
	}
	for _, name := range []string{"", ".", "..", "../b", "b/", "/", "a", "\xff"} {
		if _, err := c.Service(t.Context(), name); !errors.Is(err, ErrNoService) {
			t.Errorf("Service(%q) = %v, want %v", name, err, ErrNoService)
		}
	}
}

// TestAbsurdTimes has times that are no dates: JSON cannot have them, and one
// service must not keep all others from being shown.
func TestAbsurdTimes(t *testing.T) {
	c, logs := newLog(t, "current", "1\n")
	dir := filepath.Dir(filepath.Dir(logs))
	s := superviseFake(t, dir)
	for _, since := range []protocol.Label{{}, {Sec: 1<<64 - 1}, {Sec: 1<<62 + 1<<40}} {
		s.announce(protocol.Status{Since: since, Pid: 1, Want: protocol.WantUp})
		if got, err := c.Service(t.Context(), "web"); err != nil || !got.Since.IsZero() {
			t.Errorf("since %v: Service = %v, %v, want the zero time", since, got.Since, err)
		}
	}
	absurd := time.Date(20000, 1, 1, 0, 0, 0, 0, time.UTC)
	check(t, os.Chtimes(logs+"/current", absurd, absurd)) // where the file system has room for it
	if _, err := c.Files(t.Context(), "web"); err != nil {
		t.Errorf("Files: %v", err)
	}
}

// TestWatchEnds has one who no longer listens.
func TestWatchEnds(t *testing.T) {
	c := newAgent(t, t.TempDir())
	ctx, cancel := context.WithCancel(t.Context())
	if err := c.Watch(ctx, func(Event) error { cancel(); return nil }); !errors.Is(err, context.Canceled) {
		t.Errorf("Watch = %v, want %v", err, context.Canceled)
	}
}

// TestSlowFiles has a look at a service that does not end, and asks for it.
func TestSlowFiles(t *testing.T) {
	scan := t.TempDir()
	superviseFake(t, scan+"/web").up(1, time.Hour)
	tree := newTree(Config{Scan: scan, States: syn3state.Store{Dir: scan + "/.states"}})
	close(tree.begun)
	w := newWatches("")
	defer w.close()
	tree.scanAll(w)
	if got := tree.all(); len(got) != 0 {
		t.Errorf("%+v is shown before it has been looked at", got)
	}
	tree.lookAt(w.takeTouched(), w)
	tree.looking.Lock() // as look does
	if got := tree.all(); len(got) != 1 || tree.one("web").Pid != 1 {
		t.Errorf("%+v is shown, want web", got)
	}
}

func TestUnshownAreSaid(t *testing.T) {
	scan := t.TempDir()
	write(t, scan+"/\xff/run", "", 0o755)
	var said []string
	tree := newTree(Config{Scan: scan, Say: func(line string) { said = append(said, line) }})
	w := newWatches("")
	defer w.close()
	tree.scanAll(w)
	tree.scanAll(w)
	if len(said) != 1 || !strings.Contains(said[0], `\xff`) || !utf8.ValidString(said[0]) {
		t.Errorf("said: %q, want one warning", said)
	}
}
