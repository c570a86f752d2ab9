// Bench measures syn3d and the suites it is compared with: daemontools, which
// is the reference, runit and s6, as far as they are installed. All take turns
// in every round, so that whatever else the machine does hits all alike. What
// counts are the ratios within a round. Most questions are asked of trees of
// services; the last four are contests of programs by themselves: loggers,
// filters, tools that run another program, and process 1 of a machine in QEMU,
// whose kernel $KERNEL_AMD64 names.
//
// The file system counts, too: where that is a disk, much of a restart is the
// time that replacing the status file takes. $TMPDIR says which one it is.
//
//	make bench
//	make bench BENCH='-suites syn3d -services 5000,10000 -ask boot,memory,stop'
//	make bench BENCH='-ask multilog,tai64n,exec'
package main

import (
	"cmp"
	"flag"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"
)

const (
	everyQuestion = "boot,memory,processes,restart,command,svok,svstat,stop,upgrade,adopt,centre,idle,multilog,tai64n,exec,machine,build"
	everySuite    = "daemontools,syn3d,syn3d -p,runit,s6"
)

func main() {
	program := flag.String("syn3d", "./syn3d", "the `program` to measure")
	ask := flag.String("ask", everyQuestion, "the `questions` to ask")
	names := flag.String("suites", everySuite, "the `suites` to ask, but for contests")
	services := flag.String("services", "100,1000", "`numbers` of services; the least of them idle")
	rounds := flag.Int("rounds", 3, "how often all suites take their turn")
	span := flag.Duration("idle", time.Minute, "how long to count wake-ups")
	flag.Parse()

	sizes, err := numbers(*services)
	asked, askErr := choose("-ask", *ask, everyQuestion)
	suites, suitesErr := choose("-suites", *names, everySuite)
	if err = cmp.Or(err, askErr, suitesErr); err == nil {
		err = run(*program, suites, asked, sizes, *rounds, *span)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench: fatal:", err)
		os.Exit(111)
	}
}

// choose reads a list of names, all of which must be in every.
func choose(option, list, every string) ([]string, error) {
	names := strings.Split(list, ",")
	for _, name := range names {
		if !slices.Contains(strings.Split(every, ","), name) {
			return nil, fmt.Errorf("%s: %q is none of %s", option, name, every)
		}
	}
	return names, nil
}

// numbers reads a list of numbers of services.
func numbers(list string) ([]int, error) {
	var numbers []int
	for word := range strings.SplitSeq(list, ",") {
		n, err := strconv.Atoi(word)
		if err != nil || n < samples {
			return nil, fmt.Errorf("-services: %q is not a number of at least %d", word, samples)
		}
		numbers = append(numbers, n)
	}
	return numbers, nil
}

// run asks the questions and prints the answers.
func run(program string, names, ask []string, sizes []int, rounds int, span time.Duration) error {
	b, err := newBench(program, names)
	if err != nil {
		return err
	}
	defer b.close()

	r := &report{results: results{}, suites: b.suites}
	fmt.Println("Each value is the median of all rounds; then comes the ratio to " + reference +
		" in the same\nround: the median, the least and the greatest.")
	b.askTrees(ask, sizes, rounds, r)
	if slices.Contains(ask, idle.name) {
		n := slices.Min(sizes)
		progress("%d services, idle for %v", n, span)
		if err := b.idle(n, span, r.results); err != nil {
			return err
		}
		r.print(idle, n)
	}
	for _, m := range b.matches() {
		if slices.Contains(ask, m.name) {
			b.hold(m, rounds, r)
		}
	}
	r.summary()
	return nil
}

// askTrees asks what is asked of trees while they live.
func (b *bench) askTrees(ask []string, sizes []int, rounds int, r *report) {
	asked := slices.DeleteFunc(questions(), func(q question) bool { return !slices.Contains(ask, q.name) })
	if len(asked) == 0 {
		return
	}
	for _, n := range sizes {
		for round := range rounds {
			progress("%d services, round %d of %d", n, round+1, rounds)
			for _, tree := range trees(asked) {
				b.round(round, n, tree, r.results)
			}
		}
		for _, q := range asked {
			r.print(q, n)
		}
	}
}

// trees returns the questions that are asked of one tree together: most of
// them, and each of the others alone.
func trees(asked []question) (trees [][]question) {
	var common []question
	for _, q := range asked {
		if q.own {
			trees = append(trees, []question{q})
		} else {
			common = append(common, q)
		}
	}
	if common == nil {
		return trees
	}
	return append([][]question{common}, trees...)
}

func progress(format string, args ...any) {
	fmt.Fprintf(os.Stderr, "bench: "+format+"\n", args...)
}
