package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os/exec"
	"regexp"
	"time"

	"golang.org/x/sys/unix"
)

// The control centre is asked with a page open, as somebody would have it on a
// second screen.
var centre = question{
	name: "centre", own: true,
	rows: []row{
		{what: "private memory of the control centre", unit: "MB", target: target{most: 15, services: anyNumber}},
		{what: "... of a processor while it is idle", unit: "%", target: target{most: 1, services: 100}},
		{what: "... CPU time of the list, for each 500 services", unit: "ms", target: target{most: 100, services: anyNumber}},
		{what: "... the list and all that it loads", unit: "KB", target: target{most: 100, services: 100}},
	},
	ask: func(t *tree) ([]float64, error) {
		if t.name != ours {
			return nil, nil // it does not matter who keeps the services
		}
		v, err := t.openCentre()
		if err != nil {
			return nil, err
		}
		defer v.close()
		return v.measure(len(t.services))
	},
}

// centreIdle is for how long the control centre is left alone to be measured.
const centreIdle = 30 * time.Second

// A viewer is somebody who has a page of the control centre open.
type viewer struct {
	cmd    *exec.Cmd
	client *http.Client
	stream io.Closer
}

// openCentre starts the control centre for a tree and opens its list.
func (t *tree) openCentre() (*viewer, error) {
	t.settle()
	socket := t.dir + ".sock"
	v := &viewer{cmd: t.command([]string{"scc", "--listen", "unix:" + socket, t.dir})}
	v.client = &http.Client{Transport: &http.Transport{
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, "unix", socket)
		},
	}}
	if err := v.cmd.Start(); err != nil {
		return nil, err
	}
	for deadline := time.Now().Add(patience); ; time.Sleep(10 * time.Millisecond) {
		if _, err := v.get("/healthz"); err == nil {
			break
		} else if time.Now().After(deadline) {
			v.close()
			return nil, err
		}
	}
	response, err := v.client.Get("http://scc/events")
	if err != nil {
		v.close()
		return nil, err
	}
	v.stream = response.Body
	go io.Copy(io.Discard, response.Body) // until it is closed
	return v, nil
}

// get returns the size of what is answered.
func (v *viewer) get(path string) (size int64, err error) {
	response, err := v.client.Get("http://scc" + path)
	if err != nil {
		return 0, err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return 0, fmt.Errorf("%s: %s", path, response.Status)
	}
	return io.Copy(io.Discard, response.Body)
}

func (v *viewer) measure(services int) ([]float64, error) {
	const lists = 10
	size, err := v.get("/") // which looks into everything for the first time
	before := v.cpu()
	for range lists {
		if _, listErr := v.get("/"); listErr != nil {
			err = listErr
		}
	}
	list := v.cpu() - before
	if err != nil {
		return nil, err
	}
	time.Sleep(rest)
	before = v.cpu()
	time.Sleep(centreIdle)
	idle := v.cpu() - before
	private := sumOf([]int{v.cmd.Process.Pid}, "smaps_rollup", privatePages)
	return []float64{
		float64(private) / 1024, 100 * idle.Seconds() / centreIdle.Seconds(),
		list.Seconds() * 1000 / lists * 500 / float64(services), float64(size+v.assets()) / 1000,
	}, nil
}

func (v *viewer) cpu() time.Duration { return cpuTime([]int{v.cmd.Process.Pid}) }

func (v *viewer) close() {
	if v.stream != nil {
		v.stream.Close()
	}
	v.cmd.Process.Signal(unix.SIGTERM)
	v.cmd.Wait()
}

// asset finds what a page loads.
var asset = regexp.MustCompile(`(?:src|href)="?(/static/[^" >]+)`)

// assets returns the size of all that the list loads besides.
func (v *viewer) assets() (sum int64) {
	response, err := v.client.Get("http://scc/")
	if err != nil {
		return 0
	}
	defer response.Body.Close()
	page, _ := io.ReadAll(response.Body)
	for _, match := range asset.FindAllSubmatch(page, -1) {
		size, _ := v.get(string(match[1]))
		sum += size
	}
	return sum
}
