package main

// A question is asked of every suite in every round.
type question struct {
	name string // by which it can be selected
	rows []row

	// own is a question of ours only, in trees of its own, of which it may
	// leave something else than there was.
	own bool

	// ask returns a value for each row; none, if the suite has nothing to
	// answer with.
	ask func(t *tree) ([]float64, error)
}

// A row is a line for each suite.
type row struct {
	what   string
	unit   string
	target target
}

// A target is what our hosted services are to reach. The zero value is none.
type target struct {
	ratio    float64 // at most this many times what the reference needs
	services int     // with that many services, or any
	most     float64 // at most this in the unit of the row, if there is no ratio
}

const anyNumber = -1

func (t target) at(services int) bool { return t.services == anyNumber || t.services == services }

// questions lists what is asked of a tree while it lives, in this order.
func questions() []question {
	return []question{boot, memory, processes, restart, command, svok, svstat, stop, upgrade, adopt, centre}
}
