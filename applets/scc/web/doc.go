// Package web is what the control centre shows: pages for people, an API for
// programs, and who may see and do what. It has no rights of its own and knows
// no paths: all that it tells comes from an agent, and all that it does an agent
// does.
//
//	request ──► guard ──► who is it? ──► routes ──► pages, api, events ──► agent.Client
//	            (hosts,    (session,
//	             origins,   token,
//	             sizes)     peer)
//
// Who it is, is found out again as long as a request lasts, and how many of one
// account are under way is bounded.
//
// No page needs scripts: what works live with JavaScript works by forms without.
// Nothing is loaded from anywhere else.
//
// HTML is made here and nowhere else, by the templates, in the words of words.go.
// What the scripts of a page are told, by events or in answer to an action, are
// pieces of that very HTML, with which they change what there is:
//
//	/events                      row, gone, summary, and seen: a digest by which
//	                             the list knows whether it is still true
//	/services/NAME/events        now, recent, gone
//	/services/NAME/log/events    first, lines
//
// Each stream begins with a beat, which has the server's time, and goes on with
// one every now and then.
package web
