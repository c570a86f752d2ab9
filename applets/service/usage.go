package service

import (
	"maps"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Usage is what the processes of a service use, all together.
type Usage struct {
	Processes int     `json:"processes"`
	Memory    uint64  `json:"memory"`      // bytes that they do not share with others
	CPUTime   float64 `json:"cpu_seconds"` // of those that live
	CPU       float64 `json:"cpu_percent"` // of one processor, since the last look
}

// A Meter tells what services use. The zero value is ready, and may be used
// from several goroutines.
type Meter struct {
	mu     sync.Mutex
	at     time.Time
	cpu    map[identity]uint64 // what each process had run then
	marked map[identity]string // the service that a process without one above it belongs to
}

// Measure returns what the services in dirs use, of which each runs as a pid,
// 0 if it is down. A process belongs to the nearest service above it, or else
// to that of its marker. What CPU a process uses is told since the last call,
// or at its first since it was started.
func (m *Meter) Measure(dirs map[string]int) map[string]Usage {
	m.mu.Lock()
	defer m.mu.Unlock()
	now, all := time.Now(), processes()
	owners := m.owners(dirs, all)
	usage := make(map[string]Usage, len(dirs))
	cpu := make(map[identity]uint64, len(owners))
	for pid, dir := range owners {
		p := all[pid]
		u := usage[dir]
		u.Processes++
		u.Memory += p.memory()
		u.CPUTime += float64(p.Time) / ticksPerSecond
		u.CPU += m.percent(p, now)
		usage[dir] = u
		cpu[p.identity()] = p.Time
	}
	m.at, m.cpu = now, cpu
	return usage
}

// percent returns what p has used of a processor since the last look.
func (m *Meter) percent(p process, now time.Time) float64 {
	before, known := m.cpu[p.identity()]
	since := m.at
	if !known {
		before, since = 0, p.since()
	}
	elapsed := now.Sub(since).Seconds()
	if elapsed < 1.0/ticksPerSecond {
		return 0
	}
	return 100 * float64(p.Time-before) / ticksPerSecond / elapsed
}

// owners returns the directories of the services to which processes belong.
func (m *Meter) owners(dirs map[string]int, all map[int]process) map[int]string {
	o := newOwnership(dirs, all, m.marked)
	for pid := range all {
		o.of(pid)
	}
	m.marked = o.marked
	maps.DeleteFunc(o.found, func(_ int, dir string) bool { return dir == "" })
	return o.found
}

// An ownership finds out to which services processes belong.
type ownership struct {
	all     map[int]process
	leaders map[int]string      // pids of services, and their directories
	paths   map[string]string   // what markers may say, and the directories
	known   map[identity]string // the markers of processes: it takes a while to read one
	marked  map[identity]string // those of them that still count
	found   map[int]string      // "": belongs to none
}

func newOwnership(dirs map[string]int, all map[int]process, known map[identity]string) *ownership {
	o := &ownership{
		all: all, known: known,
		leaders: map[int]string{}, paths: map[string]string{}, marked: map[identity]string{}, found: map[int]string{},
	}
	for dir, pid := range dirs {
		if pid > 0 {
			o.leaders[pid] = dir
		}
		for _, path := range openDirectory(dir).paths() {
			o.paths[path] = dir
		}
	}
	return o
}

// of returns the directory of the service that the process of a pid belongs to.
func (o *ownership) of(pid int) string {
	if dir, done := o.found[pid]; done {
		return dir
	}
	if dir := o.leaders[pid]; dir != "" {
		o.found[pid] = dir
		return dir
	}
	p, ok := o.all[pid]
	if !ok {
		return ""
	}
	o.found[pid] = "" // should it be above itself, as the table is not of one moment
	dir := o.of(p.Parent)
	if dir == "" {
		dir = o.marker(p)
	}
	o.found[pid] = dir
	return dir
}

func (o *ownership) marker(p process) string {
	path, ok := o.known[p.identity()]
	if !ok {
		path = readMarker(p.Pid).dir
	}
	o.marked[p.identity()] = path
	return o.paths[path]
}

// memory returns how much memory a process does not share with others, in
// bytes.
func (p process) memory() uint64 {
	text, _ := os.ReadFile(procFile(p.Pid, "statm"))
	fields := strings.Fields(string(text)) // in pages: size, resident, shared ...
	if len(fields) < 3 {
		return 0
	}
	resident, _ := strconv.ParseUint(fields[1], 10, 64)
	shared, _ := strconv.ParseUint(fields[2], 10, 64)
	return (resident - min(resident, shared)) * uint64(os.Getpagesize())
}
