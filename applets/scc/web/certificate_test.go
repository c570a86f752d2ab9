package web

import (
	"crypto/tls"
	"crypto/x509"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestTLS(t *testing.T) {
	dir := t.TempDir()
	cert, key := filepath.Join(dir, "scc.crt"), filepath.Join(dir, "scc.key")
	if err := MakeCertificate(cert, key); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(key); err != nil || info.Mode() != 0o600 {
		t.Errorf("the key: %v, %v", info.Mode(), err)
	}
	s := start(t, "127.0.0.1:0", PairFrom(cert, key))
	before := s.certificateShown(t)
	if conn, err := tls.Dial("tcp", strings.TrimPrefix(s.url, "https://"), nil); err == nil {
		conn.Close()
		t.Error("it is signed by somebody")
	}
	if want := s.hosts.certificate.fingerprint(); !strings.Contains(s.logged.String(), want) {
		t.Errorf("the log is %q, want %s", s.logged, want)
	}
	host, _ := os.Hostname()
	for _, name := range []string{host, "localhost", "127.0.0.1"} {
		if err := before.VerifyHostname(name); err != nil {
			t.Error(err)
		}
	}

	os.Remove(cert)
	if err := MakeCertificate(cert, key); err != nil {
		t.Fatal(err)
	}
	if got := s.certificateShown(t); !got.Equal(before) {
		t.Error("looked for another certificate at once")
	}
	s.hosts.certificate.looked = time.Now().Add(-renewal)
	if got := s.certificateShown(t); got.Equal(before) {
		t.Error("another certificate was not taken")
	}
	os.WriteFile(key, []byte("half"), 0o600)
	s.hosts.certificate.looked = time.Now().Add(-renewal)
	s.certificateShown(t)
	if want := "warning: unable to use the certificate"; !strings.Contains(s.logged.String(), want) {
		t.Errorf("the log is %q, want %s", s.logged, want)
	}
	if got := strings.Count(s.logged.String(), "\n"); got != 2 {
		t.Errorf("the log is %q", s.logged)
	}
}

// certificateShown returns the certificate that a client gets to see.
func (s *served) certificateShown(t *testing.T) *x509.Certificate {
	t.Helper()
	conn, err := tls.Dial("tcp", strings.TrimPrefix(s.url, "https://"), &tls.Config{InsecureSkipVerify: true})
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	return conn.ConnectionState().PeerCertificates[0]
}

// TestSecureHosts has the hosts of the certificate, and the address itself.
func TestSecureHosts(t *testing.T) {
	dir := t.TempDir()
	cert, key := filepath.Join(dir, "scc.crt"), filepath.Join(dir, "scc.key")
	certText, keyText, err := selfSigned([]string{"box.example", "*.boxes.example"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	os.WriteFile(cert, []byte(certText), 0o600)
	os.WriteFile(key, []byte(keyText), 0o600)
	s := start(t, "127.0.0.1:0", PairFrom(cert, key))
	tests := map[string]int{
		"box.example":       200,
		"BOX.example:8027":  200,
		"a.boxes.example":   200,
		"127.0.0.1:8027":    200,
		"localhost":         421,
		"127.0.0.2":         421,
		"a.b.boxes.example": 421,
		"evil.example":      421,
	}
	for host, want := range tests {
		response, _ := s.do(t, call{method: "GET", path: "/healthz", host: host})
		if response.StatusCode != want {
			t.Errorf("Host: %s: %d, want %d", host, response.StatusCode, want)
		}
	}
	response := s.logIn(t, "anna", annasPassword, "/")
	if cookie := response.Cookies()[0]; cookie.Name != "__Host-scc" || !cookie.Secure || cookie.Path != "/" || cookie.Domain != "" {
		t.Errorf("the cookie is %+v", cookie)
	}
}
