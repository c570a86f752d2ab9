package integration

import (
	"os"
	"slices"
	"strings"
	"testing"
)

// TestAfter has services that are started at boot after others.
func TestAfter(t *testing.T) {
	t.Parallel()
	const slow = "#!/bin/sh\nuntil test -e ../go; do sleep 0.1; done\necho \"${SVC_DIR##*/} works\" >>../journal\n"
	const tell = "#!/bin/sh\necho \"${SVC_DIR##*/} starts\" >>../journal\n" + untilTold
	modes(t, func(t *testing.T, options ...string) {
		t.Parallel()
		scan := t.TempDir()
		writeService(t, scan+"/a", tell, "start", slow)
		writeService(t, scan+"/b", tell, "after", "a\n")
		writeService(t, scan+"/c", tell, "after", "b\na\n")
		writeService(t, scan+"/impatient", tell, "after", "a\n")
		writeService(t, scan+"/down", tell, "down", "", "after", "down\n") // a ring, that matters to nobody
		d := startSvscan(t, scan, options...)
		awaitUp(t, scan+"/a")
		eventually(t, "b is supervised", func() bool { return pid(t, scan+"/b") == 0 })
		if got, want := run(t, scan, "svstat", "b").out, " seconds, normally up, want up\n"; !strings.HasSuffix(got, want) {
			t.Errorf("svstat = %q, want %q at the end", got, want)
		}
		eventually(t, "svc -u does not wait", func() bool {
			run(t, scan, "svc", "-u", "impatient")
			return pid(t, scan+"/impatient") > 0
		})
		check(t, os.WriteFile(scan+"/go", nil, 0o644))
		awaitUp(t, scan+"/c")
		want := []string{"a starts", "impatient starts", "a works", "b starts", "c starts"}
		eventually(t, "all have started", func() bool { return len(lines(t, scan+"/journal")) >= len(want) })
		if got := lines(t, scan+"/journal"); !slices.Equal(got, want) {
			t.Errorf("the journal is %q, want %q", got, want)
		}
		if got := d.said(); got != "" {
			t.Errorf("svscan says %q", got)
		}
	})
}

// TestAfterWhatFails has services that are started although what they wait for
// does not work, is not to be started, or waits for them.
func TestAfterWhatFails(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		files []string // of a
		after string
		want  string
	}{
		{"fails", []string{"start", "#!/bin/sh\nexit 1\n"}, "a", "b is started although a has failed"},
		{"gives up", []string{"start", "#!/bin/sh\nsvc -d .; exit 1\n"}, "a", "b is started although a has failed"},
		{"cannot be verified", []string{"start", "\x7fELF"}, "a", "b is started although a has failed"},
		{"normally down", []string{"down", ""}, "a", "b is started without a, which is not to be started"},
		{"not there", nil, "nobody", "b is started without nobody, which is not to be started"},
		{"a ring", []string{"after", "b\n"}, "a", "b does not wait for a, which is itself to be started after it"},
		{"itself", nil, "b", "b does not wait for b, which is itself to be started after it"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			modes(t, func(t *testing.T, options ...string) {
				t.Parallel()
				scan := t.TempDir()
				writeService(t, scan+"/a", forever, c.files...)
				writeService(t, scan+"/b", forever, "after", c.after+"\n")
				d := startSvscan(t, scan, options...)
				awaitUp(t, scan+"/b")
				d.awaitSaid("supervise: warning: " + c.want + "\n")
			})
		})
	}
}

// TestStartDeps has svcstart start what is to come first.
func TestStartDeps(t *testing.T) {
	t.Parallel()
	scan := t.TempDir()
	writeService(t, scan+"/disk", forever, "down", "", "start-watch", "0\n")
	writeService(t, scan+"/db", forever, "down", "", "after", "disk\n", "start", "#!/bin/sh\nsvc -u .\nexit 1\n")
	writeService(t, scan+"/web", forever, "down", "", "after", "db\n", "start-watch", "0\n")
	startSvscan(t, scan)
	awaitDown(t, scan+"/web")
	got := run(t, scan, "svcstart", "--deps", scan+"/web")
	want := result{
		"Starting " + scan + "/disk ....OK\nStarting " + scan + "/db ....FAILED\nStarting " + scan + "/web ....OK\n",
		"svcstart: fatal: " + scan + "/db/start: exit code 1; the service is up\n", 1,
	}
	if got.out != want.out || got.code != want.code || !strings.HasPrefix(got.err, "svcstart: fatal: "+scan+"/db/start: exit code 1") {
		t.Errorf("svcstart --deps = %+v, want %+v", got, want)
	}
}
