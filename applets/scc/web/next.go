package web

import (
	"net/url"
	"strings"
)

// localPath returns next if it is a path of this site, which may have a query,
// and else "/". What comes after a login must not lead elsewhere: browsers take
// "//host", and "/\host", for another site, and leave out tabs and newlines.
func localPath(next string) string {
	if !strings.HasPrefix(next, "/") || strings.HasPrefix(next, "//") || strings.ContainsFunc(next, misleads) {
		return "/"
	}
	u, err := url.Parse(next)
	if err != nil || u.Scheme != "" || u.Host != "" || isAccess(u.Path) {
		return "/"
	}
	return next
}

func misleads(r rune) bool { return r == '\\' || r <= ' ' || r == 0x7f || r == '\uFFFD' }
