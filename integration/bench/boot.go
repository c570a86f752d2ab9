package main

// The CPU time is that of the whole tree, services included: between fork and
// exec, and in exec, their time is spent on behalf of the supervisor. Nothing
// ends while a tree starts, so nobody's time is missed.
var boot = question{
	name: "boot",
	rows: []row{
		{what: "CPU time until all services run", unit: "ms", target: target{ratio: 0.7, services: 1000}},
		{what: "time until all services run", unit: "ms"},
	},
	ask: func(t *tree) ([]float64, error) {
		return []float64{milliseconds(t.upCPU), milliseconds(t.upTime)}, nil
	},
}

var stop = question{
	name: "stop",
	rows: []row{{what: "time until all has been stopped and has gone", unit: "ms", target: target{services: 100, most: 2000}}},
	ask: func(t *tree) ([]float64, error) {
		took, err := t.fell()
		return []float64{milliseconds(took)}, err
	},
}
