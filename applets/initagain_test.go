package applets

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"

	"syn3d/applets/pid1"
)

// The test binary is what an init executes anew that is a test.
func init() {
	if state, found := os.LookupEnv(againVariable); found {
		fmt.Println("again", os.Args, state)
		os.Exit(0)
	}
}

func TestInitSurvivesPanic(t *testing.T) {
	const panics = "SYN3D_TEST_PANICS"
	if os.Getenv(panics) != "" {
		scan, title := &kept{child: child{pid: 11}, out: 101}, &kept{child: child{pid: 12}, stdin: 102}
		p := &first{console: pid1.NewConsole(), scan: scan, title: title, action: &pid1.Halt}
		defer p.survive()
		panic("a mistake")
	}
	cmd := exec.Command(os.Args[0], "-test.run=^"+t.Name()+"$")
	cmd.Env = append(os.Environ(), panics+"=1")
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for _, want := range []string{"init: panic: a mistake: executing init anew\n", "\nagain [init] 11 12 101 102 halt\n"} {
		if !strings.Contains(string(out), want) {
			t.Errorf("it says %q, want %q", out, want)
		}
	}
}
