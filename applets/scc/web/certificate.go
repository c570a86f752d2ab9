package web

import (
	"bytes"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"log"
	"strings"
	"sync"
	"time"
)

// renewal is how often to look whether there is another certificate. It is
// looked when somebody connects: nothing wakes up for it.
const renewal = 5 * time.Second

// A certificate is what we prove with who we are, as it is at the time.
type certificate struct {
	load func() ([]byte, error)
	log  *log.Logger

	mu      sync.Mutex
	pem     []byte
	current *tls.Certificate
	looked  time.Time
}

func (c *certificate) config() *tls.Config {
	return &tls.Config{
		MinVersion: tls.VersionTLS12,
		GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) {
			return c.now(), nil
		},
	}
}

// now returns the certificate. One that cannot be loaded, as it may be just
// being written, leaves the one before.
func (c *certificate) now() *tls.Certificate {
	c.mu.Lock()
	due := time.Since(c.looked) >= renewal
	c.mu.Unlock()
	if due {
		if err := c.renew(time.Now()); err != nil {
			c.log.Printf("warning: %v", err)
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.current
}

func (c *certificate) renew(now time.Time) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.looked = now
	pem, err := c.load()
	if err != nil || bytes.Equal(pem, c.pem) {
		return err
	}
	loaded, err := tls.X509KeyPair(pem, pem)
	if err != nil {
		return fmt.Errorf("unable to use the certificate: %w", err)
	}
	c.pem, c.current = pem, &loaded
	return nil
}

// isFor reports whether the certificate is for a host.
func (c *certificate) isFor(host string) bool {
	return host != "" && c.leaf().VerifyHostname(host) == nil
}

// fingerprint is in the form in which browsers show it.
func (c *certificate) fingerprint() string {
	sum := sha256.Sum256(c.leaf().Raw)
	return strings.ReplaceAll(fmt.Sprintf("% X", sum), " ", ":")
}

func (c *certificate) leaf() *x509.Certificate {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.current.Leaf
}
