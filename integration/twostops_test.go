package integration

import (
	"os"
	"testing"
)

// TestTwoStops stops a service twice at a time. The stop script that one of
// them runs is nothing that the service has left behind, and not killed by the
// other.
func TestTwoStops(t *testing.T) {
	t.Parallel()
	scan := t.TempDir()
	dir := scan + "/x"
	writeService(t, dir, forever,
		"stop", "#!/bin/sh\necho >>runs\nn=$(wc -l <runs)\nsvc -d .\nuntil [ -e go$n ]; do sleep .01; done\n")
	startSvscan(t, scan)
	awaitUp(t, dir)
	stop := func(runs int) *daemon {
		svcstop := startDaemon(t, scan, "svcstop", "-k", dir)
		eventually(t, "the script runs", func() bool { return len(lines(t, dir+"/runs")) == runs })
		return svcstop
	}
	first, second := stop(1), stop(2)
	for i, svcstop := range []*daemon{first, second} {
		check(t, os.WriteFile(dir+"/go"+string(rune('1'+i)), nil, 0o644))
		if code := svcstop.wait(); code != 0 {
			t.Errorf("svcstop %d ends with %d, and says %q", i+1, code, svcstop.said())
		}
	}
}
