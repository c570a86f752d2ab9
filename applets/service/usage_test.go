package service

import (
	"os"
	"testing"
	"time"
)

// TestMeter has a service with a child and an orphan that is known by its
// marker only, and a stranger: three processes are its own.
func TestMeter(t *testing.T) {
	dir := t.TempDir()
	leader, _ := startFamily(t, "sleep 20 & (SVC_DIR=$DIR setsid sleep 20 &); (setsid sleep 20 &); echo $!", "DIR="+dir)
	idle := t.TempDir()
	var m Meter
	var got Usage
	for deadline := time.Now().Add(10 * time.Second); time.Now().Before(deadline) && got.Processes != 3; {
		usage := m.Measure(map[string]int{dir: leader.Pid, idle: 0})
		if got = usage[dir]; usage[idle] != (Usage{}) {
			t.Fatalf("a service that is down uses %+v, want nothing", usage[idle])
		}
	}
	if got.Processes != 3 || got.Memory == 0 {
		t.Errorf("a service of three processes uses %+v", got)
	}
}

// TestMeterPercent has a process work between two looks.
func TestMeterPercent(t *testing.T) {
	dir := t.TempDir()
	var m Meter
	self := map[string]int{dir: os.Getpid()}
	m.Measure(self)
	for until := time.Now().Add(100 * time.Millisecond); time.Now().Before(until); {
	}
	usage := m.Measure(self)[dir]
	if usage.CPU <= 0 || usage.CPUTime <= 0 {
		t.Errorf("a busy process uses %+v, want some CPU", usage)
	}
}
