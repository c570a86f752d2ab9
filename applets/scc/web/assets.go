package web

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"io/fs"
	"net/http"
	"sync"
	"time"
)

//go:embed static
var staticFiles embed.FS

// staticPath is where the files for browsers are, each below a version that
// changes with its contents: so they can be kept for ever.
const staticPath = "/static/"

// An asset is a file for browsers.
type asset struct {
	content []byte
	version string
}

// assets returns all of them, by name.
var assets = sync.OnceValue(func() map[string]asset {
	found := map[string]asset{}
	entries, _ := fs.ReadDir(staticFiles, "static")
	for _, entry := range entries {
		content, _ := fs.ReadFile(staticFiles, "static/"+entry.Name())
		sum := sha256.Sum256(content)
		found[entry.Name()] = asset{content, hex.EncodeToString(sum[:6])}
	}
	return found
})

// assetPath returns where a file is.
func assetPath(name string) string {
	return staticPath + assets()[name].version + "/" + name
}

func (s *site) static(w http.ResponseWriter, r *http.Request) {
	name := r.PathValue("file")
	a, found := assets()[name]
	if !found || a.version != r.PathValue("version") {
		s.notFound(w, r)
		return
	}
	w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	w.Header().Set("ETag", `"`+a.version+`"`)
	http.ServeContent(w, r, name, time.Time{}, bytes.NewReader(a.content))
}
