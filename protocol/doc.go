// Package protocol holds what other programs see of a supervised service:
// the names, bytes and words by which daemontools 0.76, its relatives and
// the scripts around them know it. Both sides use it: the supervisor, which
// serves these files, and the commands, which read and drive them.
//
// It decides nothing and starts nothing, and it imports only the standard
// library and golang.org/x/sys/unix.
//
// # The service directory
//
//	NAME/run                 executable; the service, in the foreground
//	NAME/down                if present, the service is normally down:
//	                         looked at when a supervisor starts, and by svstat
//	NAME/start               executable; starts the service and verifies that it
//	                         works: exit code 0, or takes it down again
//	NAME/stop                executable; stops the service likewise
//	NAME/start-watch         seconds for which a service without start is watched
//	NAME/restart-delay       seconds from an end to the next start
//	NAME/after               services to be verified before this one is started
//	                         at boot
//	NAME/leave-children      if present, the service may leave processes behind
//	NAME/log/                a service of its own that reads the output of NAME
//	NAME/supervise/          mode 0700, made by the supervisor; may be a link
//	    lock                 locked (flock) by the one supervisor
//	    control              FIFO; each byte written is a Command
//	    ok                   FIFO; has a reader as long as a supervisor runs
//	    status               the Status record, replaced by rename
//	    detail               the Detail, what we know beyond it
//	    start                locked by whoever verifies a start
//	    verdict              the Verdict of the last one who did
//
// # Who talks to whom
//
//	svc -u DIR ── Send ──► control ──► supervisor ──► run
//	                                       │
//	svstat DIR ◄─ ReadStatus ── status ◄───┘
//	svcstart   ◄─ Watcher (inotify) ─┘
//	svok DIR ──── Supervised ──► ok
package protocol
