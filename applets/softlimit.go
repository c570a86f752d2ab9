package applets

import (
	"syn3d/applets/inherited"
	"syn3d/protocol"

	"golang.org/x/sys/unix"
)

const softlimitUsage = "softlimit: usage: softlimit [-a allbytes] [-c corebytes] [-d databytes] [-f filebytes] " +
	"[-l lockbytes] [-m membytes] [-o openfiles] [-p processes] [-r residentbytes] [-s stackbytes] [-t cpusecs] child"

func softlimit(c *chain, args []string) (next []string, err error) {
	next, usageErr := getopt("softlimit", "a:c:d:f:l:m:o:p:r:s:t:", softlimitUsage, args, func(letter byte, value string) {
		for _, resource := range limitedBy(letter) {
			if err == nil {
				err = c.limit(resource, value)
			}
		}
	})
	switch {
	case err != nil:
		return nil, err
	case usageErr != nil:
		return nil, usageErr
	case len(next) == 0:
		return nil, Usage(softlimitUsage)
	}
	return next, nil
}

// limitedBy returns what an option limits.
func limitedBy(letter byte) []int {
	switch letter {
	case 'a':
		return []int{unix.RLIMIT_AS}
	case 'c':
		return []int{unix.RLIMIT_CORE}
	case 'd':
		return []int{unix.RLIMIT_DATA}
	case 'f':
		return []int{unix.RLIMIT_FSIZE}
	case 'l':
		return []int{unix.RLIMIT_MEMLOCK}
	case 'm':
		return []int{unix.RLIMIT_DATA, unix.RLIMIT_STACK, unix.RLIMIT_MEMLOCK, unix.RLIMIT_AS}
	case 'o':
		return []int{unix.RLIMIT_NOFILE}
	case 'p':
		return []int{unix.RLIMIT_NPROC}
	case 'r':
		return []int{unix.RLIMIT_RSS}
	case 's':
		return []int{unix.RLIMIT_STACK}
	case 't':
		return []int{unix.RLIMIT_CPU}
	}
	return nil
}

// limit sets a soft limit, or puts that off if the Go runtime could not live
// with it.
func (c *chain) limit(resource int, value string) error {
	l := limit{Limit: inherited.Limit{Resource: resource}}
	if errno := l.Get(); errno != 0 {
		return &protocol.Error{What: "getrlimit failed", Err: errno}
	}
	var ok bool
	if l.Cur, ok = parseSoftLimit(value, l.Max); !ok {
		return Usage(softlimitUsage)
	}
	switch resource {
	case unix.RLIMIT_AS, unix.RLIMIT_DATA, unix.RLIMIT_STACK, unix.RLIMIT_NPROC: // it needs memory and threads
		c.putOff = append(c.putOff, l)
		return nil
	}
	return l.set()
}

// setLimits sets what has been put off of a resource.
func (c *chain) setLimits(resource int) error {
	for _, l := range c.putOff {
		if l.Resource != resource {
			continue
		}
		if err := l.set(); err != nil {
			return err
		}
	}
	return nil
}

func (l *limit) set() error {
	if errno := l.Set(nil); errno != 0 {
		return &protocol.Error{What: "setrlimit failed", Err: errno}
	}
	return nil
}

// parseSoftLimit returns the soft limit that value asks for where hard is the
// hard limit: a number, which wraps, or "=" for as much as there may be.
func parseSoftLimit(value string, hard uint64) (soft uint64, ok bool) {
	if value == "=" {
		return hard, true
	}
	for _, digit := range []byte(value) {
		if digit < '0' || digit > '9' {
			return 0, false
		}
		soft = soft*10 + uint64(digit-'0')
	}
	return min(soft, hard), true
}
