// Package service is what an administrator does with a service and sees of it:
// it starts and stops services and verifies that they have, and tells how they
// are. It knows nothing of command lines, terminals or pages: the commands
// svcstart, svcstop and their like show what it returns.
//
// It is a client of the supervisor, like any other: it sends commands and reads
// files, by package protocol, and does not supervise. What it knows beyond
// that, it has from /proc. A supervisor that is not ours will do.
//
// # Starting
//
//	Start ── claim ──► ./start, if there is one, decides
//	                   else: command up ── watch: up with one pid for a while
//	      ◄─ verdict ─ for whoever else wants to know
//
// A failure comes with how the service died, the last words it said and a
// likely cause.
//
// # Stopping
//
//	Stop ── family ──► ./stop, if there is one, decides
//	(who belongs to    else: command down ── wait for the process to go
//	 the service)      then: who of the family is still there?
//
// A family is found before the service is stopped, while it still holds
// together: afterwards, what is left has lost its parent.
package service
