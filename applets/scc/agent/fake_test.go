package agent

import (
	"context"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"

	"syn3d/applets/syn3state"
	"syn3d/protocol"

	"golang.org/x/sys/unix"
)

const patience = 10 * time.Second

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// write writes a file, and the directories above it.
func write(t *testing.T, path, text string, mode os.FileMode) {
	t.Helper()
	check(t, os.MkdirAll(filepath.Dir(path), 0o755))
	check(t, os.WriteFile(path, []byte(text), mode))
}

// A supervisor is what others see of one.
type supervisor struct {
	t      *testing.T
	dir    string
	ok     *os.File
	detail protocol.Detail
}

// superviseFake makes dir a service directory that a supervisor serves.
func superviseFake(t *testing.T, dir string) *supervisor {
	t.Helper()
	write(t, dir+"/run", "#!/bin/sh\nexec sleep 1000\n", 0o755)
	check(t, os.MkdirAll(dir+"/supervise", 0o700))
	for _, fifo := range []string{protocol.OkFile, protocol.ControlFile} {
		check(t, unix.Mkfifo(dir+"/"+fifo, 0o600))
	}
	ok, err := os.OpenFile(dir+"/"+protocol.OkFile, os.O_RDONLY|unix.O_NONBLOCK, 0)
	check(t, err)
	t.Cleanup(func() { ok.Close() })
	s := &supervisor{t: t, dir: dir, ok: ok}
	s.announce(protocol.Status{Since: protocol.LabelOf(time.Now()), Want: protocol.WantDown})
	return s
}

func (s *supervisor) announce(status protocol.Status) {
	s.t.Helper()
	s.replace(protocol.DetailFile, protocol.AppendDetail(nil, s.detail))
	s.replace(protocol.StatusFile, protocol.AppendStatus(nil, status))
}

func (s *supervisor) replace(file string, content []byte) {
	s.t.Helper()
	path := s.dir + "/" + file
	check(s.t, os.WriteFile(path+".new", content, 0o644))
	check(s.t, os.Rename(path+".new", path))
}

// up announces an instance that began so long ago.
func (s *supervisor) up(pid int, age time.Duration) {
	s.announce(protocol.Status{Since: protocol.LabelOf(time.Now().Add(-age)), Pid: uint32(pid), Want: protocol.WantUp})
}

// crash announces the end of an instance.
func (s *supervisor) crash(code int) {
	s.detail.LastExit, s.detail.Exited = protocol.ExitStatus{Code: code}, time.Now()
	s.detail.Told, s.detail.Restarts = "CAUTION", s.detail.Restarts+1
	s.announce(protocol.Status{Since: protocol.LabelOf(time.Now()), Want: protocol.WantUp})
}

// newAgent returns a scan directory and a client of an agent for it.
func newAgent(t *testing.T, scan string) *Client {
	t.Helper()
	a := New(t.Context(), Config{Scan: scan, States: syn3state.Store{Dir: scan + "/.states"}, Say: func(string) {}})
	return &Client{Dial: func(context.Context) (net.Conn, error) {
		here, there := net.Pipe()
		go a.Serve(t.Context(), there)
		return here, nil
	}}
}
