package supervisor

import (
	"os"
	"slices"
	"testing"
	"time"

	"syn3d/protocol"
)

// TestLatestFirst stops services in the reverse order of their start, be one of
// them without a status.
func TestLatestFirst(t *testing.T) {
	scan := t.TempDir()
	sc := &scanner{entries: map[identity]*entry{}}
	now := time.Now()
	for i, name := range []string{"second", "never", "third", "first"} {
		ages := map[string]time.Duration{"first": time.Hour, "second": time.Minute, "third": time.Second}
		dir := scan + "/" + name
		if err := os.MkdirAll(dir+"/"+protocol.StateDir, 0o755); err != nil {
			t.Fatal(err)
		}
		if age, started := ages[name]; started {
			status := protocol.AppendStatus(nil, protocol.Status{Since: protocol.LabelOf(now.Add(-age)), Pid: 1})
			if err := os.WriteFile(dir+"/"+protocol.StatusFile, status, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		sc.entries[identity{1, uint64(i)}] = &entry{name: dir}
	}
	var got []string
	for _, e := range sc.latestFirst() {
		got = append(got, e.name[len(scan)+1:])
	}
	if want := []string{"third", "second", "first", "never"}; !slices.Equal(got, want) {
		t.Errorf("latestFirst() = %q, want %q", got, want)
	}
}
