package frontend

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"time"

	"syn3d/applets/service"
	"syn3d/protocol"
)

// svstat tells more of services than the original's line. Its first argument
// says how: that is how it comes here.
func svstat(args []string) error {
	form, operands := args[0], args[1:]
	if len(operands) > 0 && operands[0] == "--" {
		operands = operands[1:]
	}
	out := bufio.NewWriter(os.Stdout)
	lines := json.NewEncoder(out)
	lines.SetEscapeHTML(false)
	for _, name := range operands {
		state := service.Look(protocol.Locate(name))
		if form == "--json" {
			lines.Encode(state)
			continue
		}
		out.WriteString(long(state, time.Now()))
	}
	return printed(out.Flush())
}

// long returns the lines of svstat -l.
func long(s service.State, now time.Time) string {
	text := service.Show(s.Service) + ": " + s.Text(now) + "\n"
	row := func(name, value string) { text += fmt.Sprintf("    %-10s %s\n", name, value) }
	if s.Supervised {
		row("verified", verified(s))
		if s.LastExit != nil {
			row("last exit", fmt.Sprintf("%s, %s", s.LastExit, local(s.LastExit.At)))
		}
		row("restarts", fmt.Sprint(s.Restarts))
	}
	if s.Log != nil {
		row("log", s.Log.Text(now))
	}
	if s.Boot != "" {
		row("at boot", s.Boot)
	}
	return text
}

// verified returns what is known of the start of the instance.
func verified(s service.State) string {
	v := s.Verified
	if v == nil {
		return "no"
	}
	how := "by watching it"
	if v.By == protocol.ByScript {
		how = "by its start script"
	}
	when := fmt.Sprintf("%s, %s", how, local(v.At))
	if !v.OK {
		return "failed, " + when + ": " + v.Why
	}
	return when
}

func local(t time.Time) string { return t.Local().Format(time.DateTime) }
