// Package syn3state keeps what has been reported about services: a state, since
// when, and a message. It knows nothing of supervision: start scripts, the
// supervisor and people report, and whoever likes reads.
//
//	syn3-state NAME STATE MESSAGE ── Store.Set ──► /run/syn3/state/NAME, by rename
//	                                     │
//	                                   Change ── Hooks.Run ──► /etc/syn3/monitor.d/*
//
//	list, web, node_exporter ◄── AppendText, AppendJSON, AppendMetrics ◄── Store.List
//
// A file is a Record, and its name is that of the service. Files whose names
// begin with a dot are the package's own: the lock that writers hold, and the
// record that is being written. Readers need no lock.
package syn3state
