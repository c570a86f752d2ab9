// Package agent does with services what the control centre's pages ask for. It
// is the only part of the control centre that needs rights: the pages may be
// another process, of a user without any.
//
//	browser ──► package web ── Client ── a line of JSON ──► Serve ──► package service
//	                              ◄──── lines of JSON ─────┘    └──► tree ◄── inotify
//
// A call is a connection: a request in one line, then what there is to tell, a
// line each, and the last line says that it was the last, or why it failed. Who
// closes the connection before has changed his mind.
//
// What is asked for the same service at the same time is done so that the last of
// it counts: see turns.
//
// Services are known by their names in the scan directory, and log files by
// their names in a log directory. Both come from a network: they are looked up
// in lists, never joined to paths.
package agent
