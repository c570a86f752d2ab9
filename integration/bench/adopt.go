package main

import (
	"errors"
	"strconv"
	"time"

	"golang.org/x/sys/unix"
)

// What has been taken over answers commands again. Everybody else would start a
// second instance of every service.
var adopt = question{
	name: "adopt", own: true,
	rows: []row{{what: "from the start of svscan after a kill -9 to the adoption of all services", unit: "ms",
		target: target{services: 1000, most: 1000}}},
	ask: func(t *tree) ([]float64, error) {
		if t.name != ours {
			return nil, nil // with -p the supervises have not died
		}
		t.settle()
		unix.Kill(t.root, unix.SIGKILL)
		if _, err := unix.Wait4(t.root, nil, 0, nil); err != nil {
			return nil, err
		}
		if err := t.launch(len(t.services)); err != nil {
			return nil, err
		}
		if err := t.awaitSupervised(); err != nil {
			return nil, err
		}
		return []float64{milliseconds(now() - t.began)}, t.unborn()
	},
}

var upgrade = question{
	name: "upgrade", own: true,
	rows: []row{{what: "time of an upgrade of svscan, with nothing restarted", unit: "ms"}},
	ask: func(t *tree) ([]float64, error) {
		t.settle()
		_, took, err := t.cost([]string{ours, "upgrade", t.dir}, 1)
		if err != nil {
			return nil, err
		}
		return []float64{took}, t.unborn()
	},
}

// awaitSupervised waits until all services are supervised again.
func (t *tree) awaitSupervised() error {
	deadline := now() + patience
	for i := 0; i < len(t.services); {
		switch err := send(t.dir+"/"+strconv.Itoa(i), ""); {
		case err == nil:
			i++
		case now() > deadline:
			return err
		default:
			time.Sleep(time.Millisecond)
		}
	}
	return nil
}

// unborn returns an error if a service has been started although it ran.
func (t *tree) unborn() error {
	t.births.SetReadDeadline(time.Now().Add(settled))
	var one [1]byte
	if n, _ := t.births.Read(one[:]); n > 0 {
		return errors.New("services have been started a second time")
	}
	return nil
}
