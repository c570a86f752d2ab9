package main

import (
	"os/exec"
	"slices"
	"strconv"
	"time"
)

// svok does next to nothing: its CPU time is that of a program's start.
var svok = question{
	name: "svok",
	rows: []row{{what: "CPU time of svok", unit: "ms", target: target{ratio: 2.5, services: anyNumber}}},
	ask: func(t *tree) ([]float64, error) {
		if t.svok == nil {
			return nil, nil
		}
		cpu, _, err := t.cost(append(t.svok, "./0"), 60)
		return []float64{cpu}, err
	},
}

var svstat = question{
	name: "svstat",
	rows: []row{
		{what: "CPU time of svstat for all services in one call", unit: "ms"},
		{what: "time of svstat for all services in one call", unit: "ms", target: target{ratio: 1, services: 1000}},
	},
	ask: func(t *tree) ([]float64, error) {
		if t.svstat == nil {
			return nil, nil
		}
		argv := t.svstat
		for i := range t.services {
			argv = append(argv, "./"+strconv.Itoa(i))
		}
		cpu, wall, err := t.cost(argv, 20)
		return []float64{cpu, wall}, err
	},
}

// cost runs a command in the scan directory many times and returns its CPU
// time and its time in milliseconds, in the median.
func (t *tree) cost(argv []string, times int) (cpu, wall float64, err error) {
	return cost(times, func() *exec.Cmd {
		cmd := t.command(argv)
		cmd.Dir = t.dir
		return cmd
	})
}

func cost(times int, command func() *exec.Cmd) (cpu, wall float64, err error) {
	var cpus, walls []float64
	for range times {
		cmd := command()
		began := now()
		if err := cmd.Run(); err != nil {
			return 0, 0, &exec.Error{Name: cmd.Path, Err: err}
		}
		walls = append(walls, milliseconds(now()-began))
		cpus = append(cpus, milliseconds(cpuOf(cmd)))
	}
	slices.Sort(cpus)
	slices.Sort(walls)
	return median(cpus), median(walls), nil
}

// cpuOf returns the CPU time of a command that has ended.
func cpuOf(cmd *exec.Cmd) time.Duration {
	return cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
}

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
