package web

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"time"
)

// bodyLimit is in bytes: what is sent to us are small forms.
const bodyLimit = 16 << 10

// limits are how long things may take, or hold.
type limits struct {
	body time.Duration // to send it
	// piece is for taking a piece of the answer. There is no limit for all of
	// it: streams of events last for hours.
	piece time.Duration
	known time.Duration // for how long a visitor is taken for who he was
}

var usualLimits = limits{body: 20 * time.Second, piece: 30 * time.Second, known: 30 * time.Second}

// takeBody reads what the client sends before anything is done about it, so
// that there is one place where slow and endless bodies end. It returns the
// status with which to refuse it, 0 if all is well.
func takeBody(w http.ResponseWriter, r *http.Request, limit time.Duration) (refusal int) {
	if r.Body == http.NoBody || r.ContentLength == 0 {
		return 0
	}
	deadline := http.NewResponseController(w)
	deadline.SetReadDeadline(time.Now().Add(limit))
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, bodyLimit))
	if err != nil {
		if large := (*http.MaxBytesError)(nil); errors.As(err, &large) {
			return http.StatusRequestEntityTooLarge
		}
		return http.StatusRequestTimeout
	}
	// The server goes on reading, to notice that the client leaves: that must
	// not time out.
	deadline.SetReadDeadline(time.Time{})
	r.Body = io.NopCloser(bytes.NewReader(body))
	return 0
}

// A paced response gives the client the limit for each piece, and none between
// them: a stream of HTTP/2 would be cut off by a limit even if there were
// nothing to send.
type paced struct {
	http.ResponseWriter
	limit time.Duration
}

func (p paced) Write(piece []byte) (int, error) {
	p.hurry()
	defer p.rest()
	return p.ResponseWriter.Write(piece)
}

// FlushError is what http.ResponseController flushes with.
func (p paced) FlushError() error {
	p.hurry()
	defer p.rest()
	return http.NewResponseController(p.ResponseWriter).Flush()
}

// Flush is for who asks for an http.Flusher.
func (p paced) Flush() { p.FlushError() }

// Unwrap lets http.ResponseController set deadlines.
func (p paced) Unwrap() http.ResponseWriter { return p.ResponseWriter }

func (p paced) hurry() {
	http.NewResponseController(p.ResponseWriter).SetWriteDeadline(time.Now().Add(p.limit))
}

func (p paced) rest() {
	http.NewResponseController(p.ResponseWriter).SetWriteDeadline(time.Time{})
}
