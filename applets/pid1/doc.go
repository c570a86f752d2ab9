// Package pid1 has what the first process does to the machine that it was
// started on: it makes what every program expects of a system, speaks on the
// console, and brings the system to its end. It starts no process and waits
// for none: the applet init does, in package applets.
//
// The first process of a container does the same, but for what belongs to the
// machine below it: see OwnsMachine.
package pid1
