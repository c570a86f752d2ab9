package service

import (
	"slices"

	"syn3d/protocol"
)

// A family is the processes that belong to a service. There are three ways to
// know them: they are descendants of the service; they are in a session or a
// process group that it has founded; or their environment has its marker. The
// first two are found only as long as the service runs, and the third only in
// what a supervisor of ours has started: so they are looked for before the
// service is stopped.
//
// Never in it are we, whoever called us, and what belongs to another service.
type family struct {
	dir     directory
	leader  process              // the service itself; pid 0 if it is down
	shell   bool                 // that is one
	members map[identity]process // as they were at first
	founded map[int]bool         // sessions and process groups
	callers []int
	others  map[int]bool // pids that were looked at and do not belong to it
}

// Processes are all of the system at some moment, and what their environments
// say.
type Processes struct {
	all     map[int]process // by pid, as are
	markers map[int]marker
}

// ListProcesses returns those of now.
func ListProcesses() *Processes {
	list := &Processes{processes(), map[int]marker{}}
	for pid := range list.all {
		list.markers[pid] = readMarker(pid)
	}
	return list
}

// findFamily returns the family of a service that now runs as pid, 0 if it is
// down. A list of a moment ago will do, if the service is in it.
func findFamily(dir string, pid int, list *Processes) *family {
	f := &family{
		dir:     openDirectory(dir),
		members: map[identity]process{},
		founded: map[int]bool{},
		callers: ancestors(),
		others:  map[int]bool{},
	}
	f.leader, _ = readProcess(pid)
	f.shell = f.leader.isShell()
	if list == nil || list.all[pid].identity() != f.leader.identity() {
		list = ListProcesses()
	}
	descendants := map[int]bool{}
	for _, p := range descendantsOf(pid, list.all) {
		descendants[p.Pid] = true
		f.foundedBy(p)
	}
	for pid, p := range list.all {
		f.sort(p, list.markers[pid], descendants[pid])
	}
	return f
}

// descendantsOf returns the process of a pid and all that descend from it.
func descendantsOf(pid int, all map[int]process) (found []process) {
	p, ok := all[pid]
	if !ok {
		return nil
	}
	children := map[int][]process{}
	for _, p := range all {
		children[p.Parent] = append(children[p.Parent], p)
	}
	found = []process{p}
	for i := 0; i < len(found); i++ {
		found = append(found, children[found[i].Pid]...)
	}
	return found
}

// foundedBy takes note of what p is the founder of. No later process is given
// the number of a session or a group that still has members.
func (f *family) foundedBy(p process) {
	if p.Group == p.Pid {
		f.founded[p.Group] = true
	}
	if p.Session == p.Pid {
		f.founded[p.Session] = true
	}
}

// sort decides whether p, which has the marker m, belongs to the family, and
// reports it.
func (f *family) sort(p process, m marker, descendant bool) bool {
	if p.Pid == f.leader.Pid {
		return false
	}
	ours := descendant || f.founded[p.Group] || f.founded[p.Session]
	if m.dir != "" {
		ours = m.is(f.dir)
	}
	if !ours || slices.Contains(f.callers, p.Pid) || f.isScript(m) {
		f.others[p.Pid] = true
		return false
	}
	f.members[p.identity()] = p
	return true
}

// isScript reports whether a marker is that of a control script which another
// one runs just now, and will end.
func (f *family) isScript(m marker) bool {
	switch m.reason {
	case "":
		return false
	case protocol.ReasonStop:
		return protocol.StopHeld(f.dir.abs)
	}
	return protocol.StartClaimed(f.dir.abs)
}

// left returns who of the family is still there, when the service has ended,
// in the order of their pids. Only what was not there before is looked into:
// so it is quick.
func (f *family) left() (left []process) {
	for _, pid := range pids() {
		if f.others[pid] {
			continue
		}
		p, ok := readProcess(pid)
		if !ok || !p.Alive() || p.identity() == f.leader.identity() {
			continue
		}
		if _, known := f.members[p.identity()]; known || f.sort(p, readMarker(pid), false) {
			left = append(left, p)
		}
	}
	slices.SortFunc(left, func(a, b process) int { return a.Pid - b.Pid })
	return left
}
