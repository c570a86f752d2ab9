package main

// Private pages count whether they are dirty or clean. Clean ones are a
// program's file, which the kernel can drop and read again; but then, nobody
// else has a use for them. It is to the disadvantage of a single big process.
//
// A process that is forked gets a table as big as the highest descriptor in
// its parent, and keeps it: so the services count for the tables of files.
var memory = question{
	name: "memory",
	rows: []row{
		{what: "memory of the supervisors, for each service", unit: "KB", target: target{ratio: 0.125, services: 1000}},
		{what: "... private pages of it", unit: "KB"},
		{what: "... page tables", unit: "KB"},
		{what: "... kernel stacks", unit: "KB"},
		{what: "descriptor tables in the kernel, for each service", unit: "KB"},
	},
	ask: func(t *tree) ([]float64, error) {
		t.settle()
		pids := t.supervisors()
		pages := sumOf(pids, "smaps_rollup", privatePages)
		tables := sumOf(pids, "status", func(of table) int { return of["VmPTE"] })
		stacks := sumOf(pids, "status", func(of table) int { return of["Threads"] * kernelStack })
		files := sumOf(descendants(t.root), "status", descriptorTable)

		n := float64(len(t.services))
		return []float64{
			float64(pages+tables+stacks) / n, float64(pages) / n, float64(tables) / n, float64(stacks) / n,
			float64(files) / 1024 / n,
		}, nil
	},
}

// privatePages returns the memory that a process has for itself, in KB.
func privatePages(of table) int {
	return of["Private_Clean"] + of["Private_Dirty"] + of["Private_Hugetlb"]
}

// kernelStack is the size of a thread's stack in the kernel, in KB.
const kernelStack = 16

// descriptorTable returns the bytes of a process's table of descriptors.
func descriptorTable(of table) int {
	const builtin, pointer = 64, 8
	if of["FDSize"] <= builtin {
		return 0
	}
	return of["FDSize"] * pointer
}

var processes = question{
	name: "processes",
	rows: []row{
		{what: "processes besides the services", unit: ""},
		{what: "threads of them", unit: ""},
	},
	ask: func(t *tree) ([]float64, error) {
		pids := t.supervisors()
		threads := sumOf(pids, "status", func(of table) int { return of["Threads"] })
		return []float64{float64(len(pids)), float64(threads)}, nil
	},
}
