package web

import (
	"bytes"
	"net/http"
)

// A stream is an answer that goes on as there is something to tell.
type stream struct {
	w   http.ResponseWriter
	out *http.ResponseController
}

// begin makes the answer a stream, of a type.
func begin(w http.ResponseWriter, contentType string) *stream {
	h := w.Header()
	h.Set("Content-Type", contentType)
	h.Set("Cache-Control", "no-store")
	h.Set("X-Accel-Buffering", "no") // nginx would keep it back
	return &stream{w, http.NewResponseController(w)}
}

// send writes a piece, and has it sent.
func (s *stream) send(piece []byte) error {
	if _, err := s.w.Write(piece); err != nil {
		return err
	}
	return s.out.Flush()
}

// event sends a server-sent event.
func (s *stream) event(name string, data []byte) error {
	b := []byte("event: " + name + "\n")
	for line := range bytes.SplitSeq(data, []byte("\n")) {
		b = append(append(append(b, "data: "...), line...), '\n')
	}
	return s.send(append(b, '\n'))
}
