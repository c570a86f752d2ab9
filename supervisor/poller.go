package supervisor

import (
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

// A poller tells which of any number of descriptors can be read. They stand
// in one epoll set of our own, which stands in that of the Go runtime: that
// takes one goroutine, where one for each descriptor would take a stack each.
type poller struct {
	fd      int
	conn    syscall.RawConn
	read    map[int32]func() // by key
	keys    int32
	events  [64]unix.EpollEvent
	ready   chan int // how many of events are set; the loop answers on handled
	handled chan struct{}
}

func newPoller() (*poller, error) {
	fd, err := unix.EpollCreate1(unix.EPOLL_CLOEXEC)
	if err != nil {
		return nil, err
	}
	// The runtime polls only what is non-blocking.
	if err := unix.SetNonblock(fd, true); err != nil {
		return nil, err
	}
	conn, err := os.NewFile(uintptr(fd), "epoll").SyscallConn()
	if err != nil {
		return nil, err
	}
	p := &poller{
		fd:      fd,
		conn:    conn,
		read:    map[int32]func(){},
		ready:   make(chan int),
		handled: make(chan struct{}),
	}
	go p.wait() // as long as the process
	return p, nil
}

// add calls read, in the loop, whenever fd can be read. It returns a key for
// remove: descriptors of several tables may have the same number.
func (p *poller) add(fd int, read func()) (key int32, err error) {
	return p.register(fd, unix.EPOLLIN, read)
}

func (p *poller) register(fd int, events uint32, read func()) (key int32, err error) {
	p.keys++
	event := unix.EpollEvent{Events: events, Fd: p.keys}
	if err := unix.EpollCtl(p.fd, unix.EPOLL_CTL_ADD, fd, &event); err != nil {
		return 0, err
	}
	p.read[p.keys] = read
	return p.keys, nil
}

// remove ends what add began. The descriptor is to be closed then.
func (p *poller) remove(key int32) { delete(p.read, key) }

// dispatch handles the n events that ready announced.
func (p *poller) dispatch(n int) {
	p.handle(p.events[:n])
	p.handled <- struct{}{}
}

// dispatchNow handles what there is by now, announced or not.
func (p *poller) dispatchNow() {
	var events [len(p.events)]unix.EpollEvent
	p.handle(events[:pollNow(p.fd, events[:])])
}

func (p *poller) handle(events []unix.EpollEvent) {
	for _, event := range events {
		if read := p.read[event.Fd]; read != nil {
			read()
		}
	}
}

func (p *poller) wait() {
	p.conn.Read(func(fd uintptr) (done bool) {
		for {
			n := pollNow(int(fd), p.events[:])
			if n == 0 {
				return false // come back when there is more
			}
			p.ready <- n
			<-p.handled
		}
	})
}
