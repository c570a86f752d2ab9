package multilog

import (
	"syn3d/protocol"

	"golang.org/x/sys/unix"
)

const stderr = 2

// say prints a message. Whether anybody can hear it does not matter: with
// package os, a broken pipe as standard error would kill us.
func say(kind, what string) {
	unix.Write(stderr, []byte("multilog: "+kind+": "+what+"\n"))
}

// warnPausing says what is going to be tried once more. err may be nil if
// there is no more to say.
func warnPausing(what string, err error) {
	what += ", pausing"
	if err != nil {
		what += ": " + protocol.ErrorText(err)
	}
	say("warning", what)
}
