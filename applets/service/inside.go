package service

import (
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"

	"syn3d/protocol"

	"golang.org/x/sys/unix"
)

// callerReason returns why the control script of the service in dir runs that
// this process is run by, "" if it is run by none.
func callerReason(dir string) string {
	d := openDirectory(dir)
	for _, pid := range ancestors() {
		if m := readMarker(pid); m.reason != "" && m.is(d) {
			return m.reason
		}
	}
	return ""
}

// detachedVariable is in the environment of what Detach starts.
const detachedVariable = "SVC_DETACHED"

// Detached reports whether Detach has started this process.
func Detached() bool { return os.Getenv(detachedVariable) != "" }

// Inside reports whether this process belongs to the service in dir, so that
// to stop that would be to end itself.
func Inside(dir string) bool {
	if Detached() {
		return false
	}
	if openDirectory(dir).is(os.Getenv(protocol.MarkerVariable)) {
		return true
	}
	status, err := protocol.ReadStatus(dir)
	return err == nil && status.Up() && slices.Contains(ancestors(), int(status.Pid))
}

// Detach carries out the command of this process in another one that no longer
// belongs to a service: it has a session of its own, so that nothing that is
// sent to the service's group reaches it, and not the marker, so that it is
// not taken for what the service has left behind. It returns the exit code, if
// this process lives to see it.
func Detach() (code int, err error) {
	process, err := os.StartProcess("/proc/self/exe", os.Args, &os.ProcAttr{
		Env:   append(withoutMarker(os.Environ()), detachedVariable+"=1"),
		Files: []*os.File{os.Stdin, os.Stdout, os.Stderr},
		Sys:   &syscall.SysProcAttr{Setsid: true},
	})
	if err != nil {
		return 0, &protocol.Error{What: "unable to start another process", Err: err}
	}
	state, err := process.Wait()
	if err != nil {
		return 0, &protocol.Error{What: "unable to wait for another process", Err: err}
	}
	return state.ExitCode(), nil
}

// withoutMarker returns an environment without what belongs to the service, or
// the control script, that it comes from.
func withoutMarker(environ []string) (kept []string) {
	for _, entry := range environ {
		switch name, _, _ := strings.Cut(entry, "="); name {
		case protocol.MarkerVariable, protocol.ReasonVariable, detachedVariable:
		default:
			kept = append(kept, entry)
		}
	}
	return kept
}

// OutliveReaders lets this process go on when nobody reads any longer what it
// prints: the logger of a service that has it restarted, say. To ignore the
// signal would be to have all ignore it that this process starts.
func OutliveReaders() {
	signal.Notify(make(chan os.Signal, 1), unix.SIGPIPE)
}
