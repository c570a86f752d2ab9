package integration

import (
	"testing"

	"golang.org/x/sys/unix"
)

func TestScanStartsAndStops(t *testing.T) {
	modes(t, func(t *testing.T, options ...string) {
		scan := t.TempDir()
		writeService(t, scan+"/a", forever)
		writeService(t, scan+"/b", forever, "down", "")
		svscan := startDaemon(t, "/", append(append([]string{"svscan"}, options...), scan)...)

		up := awaitUp(t, scan+"/a")
		awaitDown(t, scan+"/b")
		svscan.signal(unix.SIGTERM)
		if code := svscan.wait(); code != 0 {
			t.Errorf("svscan ends with %d on TERM, want 0", code)
		}
		if alive(up) {
			t.Errorf("process %d survives svscan", up)
		}
	})
}
