package web

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"io/fs"
	"math/big"
	"net"
	"os"
	"time"

	"syn3d/applets/scc/agent"
	"syn3d/protocol"
)

// PairFrom returns what reads a certificate and its key.
func PairFrom(cert, key string) func() ([]byte, error) {
	return func() ([]byte, error) {
		var pair []byte
		for _, name := range []string{cert, key} {
			text, err := os.ReadFile(name)
			if err != nil {
				return nil, &protocol.Error{What: "unable to read " + name, Err: err}
			}
			pair = append(append(pair, text...), '\n')
		}
		return pair, nil
	}
}

// MakeCertificate makes a certificate that is signed by itself, and its key,
// unless there is one. The certificate comes last: if it is there, so is the key.
func MakeCertificate(cert, key string) error {
	if _, err := os.Stat(cert); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	certText, keyText, err := selfSigned(ownNames())
	if err == nil {
		err = agent.WritePrivate(key, keyText)
	}
	if err == nil {
		err = agent.WritePrivate(cert, certText)
	}
	if err != nil {
		return &protocol.Error{What: "unable to make " + cert, Err: err}
	}
	return nil
}

func selfSigned(names []string, addresses []net.IP) (cert, key string, err error) {
	secret, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return "", "", err
	}
	serial := make([]byte, 16)
	rand.Read(serial)
	serial[0] &= 0x7f
	template := &x509.Certificate{
		SerialNumber: new(big.Int).SetBytes(serial),
		Subject:      pkix.Name{CommonName: names[0], Organization: []string{"syn3d control centre"}},
		DNSNames:     names,
		IPAddresses:  addresses,
		// Who trusts it does so for its fingerprint, which would have to be
		// compared anew if it ended. An appliance may be without the time when
		// it makes it. And what began after June 2019 must not last for longer
		// than 825 days for some browsers.
		NotBefore:             time.Date(2019, 1, 1, 0, 0, 0, 0, time.UTC),
		NotAfter:              time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC),
		KeyUsage:              x509.KeyUsageDigitalSignature,
		ExtKeyUsage:           []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		BasicConstraintsValid: true,
	}
	signed, err := x509.CreateCertificate(rand.Reader, template, template, &secret.PublicKey, secret)
	if err != nil {
		return "", "", err
	}
	private, err := x509.MarshalPKCS8PrivateKey(secret)
	return encodePEM("CERTIFICATE", signed), encodePEM("PRIVATE KEY", private), err
}

func encodePEM(kind string, contents []byte) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: contents}))
}

// ownNames returns by what this machine may be asked for.
func ownNames() (names []string, addresses []net.IP) {
	if host, err := os.Hostname(); err == nil && host != "" && host != "localhost" {
		names = append(names, host)
	}
	names = append(names, "localhost")
	found, _ := net.InterfaceAddrs()
	for _, address := range found {
		if network, ok := address.(*net.IPNet); ok && !network.IP.IsLinkLocalUnicast() {
			addresses = append(addresses, network.IP)
		}
	}
	return names, addresses
}
