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
// No page needs scripts: what works live with JavaScript works by forms without.
// Nothing is loaded from anywhere else.
package web
