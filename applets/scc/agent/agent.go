package agent

import (
	"context"
	"os"
	"strings"
	"sync"
	"time"

	"syn3d/applets/service"
	"syn3d/applets/syn3state"
)

// Config is what an agent works on.
type Config struct {
	Scan   string            // the scan directory
	Passwd string            // the file of accounts
	States syn3state.Store   // what was reported to the monitor
	Say    func(line string) // where to report what is done, and by whom
}

// An Agent answers calls.
type Agent struct {
	config       Config
	accounts     accounts
	tree         *tree
	logs         logReader
	turns        turns
	measuring    sync.Mutex
	meter        service.Meter
	measureAfter time.Time       // behind measuring
	work         context.Context // of actions, which outlive the calls that asked for them
}

// New returns an agent, which watches the services until ctx is done. Then it
// interrupts the actions under way.
func New(ctx context.Context, c Config) *Agent {
	a := &Agent{config: c, accounts: accounts{File: c.Passwd}, tree: newTree(c), logs: newLogReader(), work: ctx}
	go a.tree.run(ctx)
	return a
}

// Wait returns when the actions under way have ended.
func (a *Agent) Wait() { a.turns.wait() }

// say reports a line. What came from a network may hold anything.
func (c Config) say(words ...string) {
	line := service.Show(strings.Join(words, " "))
	if c.Say != nil {
		c.Say(line)
		return
	}
	os.Stderr.WriteString("scc: " + line + "\n")
}
