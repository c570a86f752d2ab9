package integration

import (
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"testing"
	"time"
)

// zones are the time zones in which labels are compared.
var zones = []string{
	"", "UTC", "Europe/Berlin", "Europe/Dublin", "America/New_York", "America/St_Johns", "America/Sao_Paulo",
	"Asia/Kolkata", "Asia/Tehran", "Africa/Casablanca", "Australia/Lord_Howe", "Pacific/Apia", "Pacific/Chatham",
	"Antarctica/Troll", "right/UTC", "right/Europe/Berlin", "right/Asia/Tokyo", ":Europe/Berlin",
	"/usr/share/zoneinfo/Asia/Tokyo", "CET-1CEST,M3.5.0,M10.5.0/3", ":NZST-12NZDT,M9.5.0,M4.1.0/3",
	"<-03>3<-02>,M3.5.0/-2,M10.5.0/-1", "XXX3YYY2:30,J60,300/25", "IST-5:30", "Nowhere/City",
}

// labels returns lines with labels of moments between the years 1971 and
// 5000000, most of them of our time, with nanoseconds of all kinds. Before
// that, and behind it, the C library is wrong: see differences.md.
func labels(r *rand.Rand, n int) []byte {
	var lines bytes.Buffer
	for range n {
		sec := r.Int64N(1 << (31 + 16*r.IntN(2)))
		nano := r.Uint32() >> (2 * r.IntN(2))
		fmt.Fprintf(&lines, "@%016x%08x %d\n", 1<<62+10+365*86400+sec, nano, sec)
	}
	return lines.Bytes()
}

func TestTai64nlocalZones(t *testing.T) {
	t.Parallel()
	theirs := original(t, "tai64nlocal")
	const seed1, seed2 = 20261123, 64
	lines := labels(rand.New(rand.NewPCG(seed1, seed2)), 5000)
	for _, zone := range zones {
		t.Run(zone, func(t *testing.T) {
			t.Parallel()
			got, want := pipe(t, lines, zone, bin+"/tai64nlocal"), pipe(t, lines, zone, theirs)
			compareLines(t, lines, got, want)
		})
	}
}

// Either's tai64n is understood by either's tai64nlocal, in every zone, and
// tells the time that the clock shows.
func TestTai64nRoundTrip(t *testing.T) {
	t.Parallel()
	original(t, "tai64nlocal")
	input := bytes.Repeat([]byte("a line\n"), 2000)
	for _, stamps := range []suite{our(), theOriginals()} {
		before := time.Now().Truncate(time.Microsecond)
		stamped := pipe(t, input, "", stamps.tool("tai64n"))
		after := time.Now()
		for _, zone := range zones {
			got := pipe(t, stamped, zone, our().tool("tai64nlocal"))
			compareLines(t, stamped, got, pipe(t, stamped, zone, theOriginals().tool("tai64nlocal")))
		}
		for line := range bytes.Lines(pipe(t, stamped, "UTC", our().tool("tai64nlocal"))) {
			when, err := time.Parse("2006-01-02 15:04:05.000000000 a line\n", string(line))
			if err != nil || when.Before(before) || when.After(after.Add(time.Microsecond)) {
				t.Errorf("%s tai64n: %q, %v, want a time from %v to %v", stamps.name, line, err, before, after)
			}
		}
	}
}

// pipe returns what a filter makes of input in a time zone.
func pipe(t *testing.T, input []byte, zone, filter string) []byte {
	t.Helper()
	cmd := exec.Command(filter)
	cmd.Env = append(os.Environ(), "TZ="+zone)
	cmd.Stdin = bytes.NewReader(input)
	output, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s: %v", filter, err)
	}
	return output
}

// compareLines tells the first line of input of which something else was made.
func compareLines(t *testing.T, input, got, want []byte) {
	t.Helper()
	if bytes.Equal(got, want) {
		return
	}
	newline := []byte("\n")
	in, ours, theirs := bytes.Split(input, newline), bytes.Split(got, newline), bytes.Split(want, newline)
	for i := range min(len(in), len(ours), len(theirs)) {
		if !bytes.Equal(ours[i], theirs[i]) {
			t.Fatalf("line %d, %s, is %s, want %s", i+1, in[i], ours[i], theirs[i])
		}
	}
	t.Fatalf("%d lines from %d, want %d", len(ours), len(in), len(theirs))
}

// A line of 100 MB goes through in less. How much, wait4(2) cannot tell: what
// it tells of the peak begins with that of this process.
func TestTai64nLongLine(t *testing.T) {
	t.Parallel()
	const length, most = 100_000_000, 50 << 10 // bytes, and KB of memory
	for _, name := range []string{"tai64n", "tai64nlocal"} {
		zeros, err := os.Open("/dev/zero")
		mustSucceed(t, err)
		defer zeros.Close()
		cmd := exec.Command(bin + "/" + name)
		stdin, err := cmd.StdinPipe()
		mustSucceed(t, err)
		mustSucceed(t, cmd.Start())
		_, err = io.Copy(stdin, io.LimitReader(zeros, length))
		mustSucceed(t, err)
		if used := peak(t, cmd.Process.Pid); used > most {
			t.Errorf("%s takes %d KB, want at most %d", name, used, most)
		}
		stdin.Close()
		mustSucceed(t, cmd.Wait())
	}
}
