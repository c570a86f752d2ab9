package main

import (
	"os/exec"
	"strings"
	"testing"
)

// TestImports states which way the packages may depend on each other.
func TestImports(t *testing.T) {
	const cli, module = "github.com/urfave/cli/v2", "syn3d/"
	tests := []struct {
		pkg       string
		forbidden []string
	}{
		{"syn3d/supervisor/handover", []string{module + "protocol", module + "supervisor", module + "applets", cli, "os/exec", "net"}},
		{"syn3d/protocol", []string{module + "supervisor", module + "applets", cli, "os/exec", "net"}},
		{"syn3d/supervisor", []string{module + "applets", cli, "os/exec", "net"}},
		{"syn3d/applets/early", []string{module + "applets/frontend", cli, "text/template", "net", "net/http"}},
		{"syn3d/applets/service", []string{module + "supervisor", module + "applets", cli, "net"}},
		{"syn3d/applets/syn3state", []string{module + "supervisor", module + "applets", cli, "net"}},
		{"syn3d/applets/multilog", []string{module + "supervisor", module + "applets", cli, "os/exec", "net"}},
		{"syn3d/applets/pid1", []string{module + "supervisor", module + "applets", cli, "os/exec", "net"}},
		{"syn3d/applets/scc", []string{module + "applets/scc/agent", module + "applets/scc/web", "net"}},
		{"syn3d/applets/scc/agent", []string{module + "supervisor", module + "applets/scc/web", module + "applets/frontend", cli, "net/http"}},
		{"syn3d/applets/scc/web", []string{module + "supervisor", module + "applets/frontend", cli}},
		{"syn3d", []string{"net", "net/http"}},
	}
	for _, test := range tests {
		out, err := exec.Command("go", "list", "-deps", test.pkg).Output()
		if err != nil {
			t.Fatal(err)
		}
		deps := map[string]bool{}
		for _, dep := range strings.Fields(string(out)) {
			deps[dep] = true
		}
		for _, dep := range test.forbidden {
			if deps[dep] {
				t.Errorf("%s depends on %s", test.pkg, dep)
			}
		}
	}
}
