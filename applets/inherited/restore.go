package inherited

import (
	"os/signal"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Restore makes everything as it was at the start, but for the limits that
// Memory returns, and takes the runtime's handlers away: a signal does what it
// would do to a C program. Signals are blocked by thread, so the goroutine that
// calls it must be locked to its thread for good, as it is while packages are
// initialised.
func Restore() {
	// An exec puts back the limit of descriptors, also one that fails.
	syscall.Exec("", nil, nil)
	if !recorded {
		record() // what there is left to see
	}
	for s := range signals {
		restoreSignal(s+1, ignored&(1<<s) != 0)
	}
	unix.RawSyscall6(unix.SYS_RT_SIGPROCMASK, unix.SIG_SETMASK, uintptr(unsafe.Pointer(&blocked)), 0, maskSize, 0, 0)
	for fd := range closed {
		if closed[fd] {
			unix.Close(fd)
		}
	}
}

// Ignore ignores what was ignored at the start, so that children ignore it, too,
// unless Notify is called for it.
func Ignore() {
	for s := range signals {
		if ignored&(1<<s) != 0 {
			signal.Ignore(syscall.Signal(s + 1))
		}
	}
}

func restoreSignal(s int, ignored bool) {
	action := sigaction{handler: sigDefault}
	if ignored {
		action.handler = sigIgnore
		// If the runtime did not know of PIPE, it would end this process when
		// a message cannot be written.
		signal.Ignore(syscall.Signal(s))
	}
	unix.RawSyscall6(unix.SYS_RT_SIGACTION, uintptr(s), uintptr(unsafe.Pointer(&action)), 0, maskSize, 0, 0)
}

// Closed reports whether a standard descriptor was closed at the start.
func Closed(fd int) bool { return closed[fd] }

// Memory returns the limits of memory, which a program that is executed must
// be given again. They are not in force: with their soft limits raised to the
// hard ones, the runtime can start also under limits that are meant for a
// smaller program. Those that did not have to be raised are left out.
func Memory() []Limit {
	var limits []Limit
	for _, l := range memory {
		if l.tight() {
			limits = append(limits, l)
		}
	}
	return limits
}

// Environ returns the environment as it was handed to us, with variables that
// come twice and entries that are none.
func Environ() []string { return runtimeEnvs() }

// LockExec waits until no thread is being created, and sees to it that none is
// until UnlockExec: an exec in that moment would cost a set-uid program its
// rights.
func LockExec() { runtimeBeforeExec() }

// UnlockExec is for an exec that has failed.
func UnlockExec() { runtimeAfterExec() }

//go:linkname runtimeEnvs syscall.runtime_envs
func runtimeEnvs() []string

//go:linkname runtimeBeforeExec syscall.runtime_BeforeExec
func runtimeBeforeExec()

//go:linkname runtimeAfterExec syscall.runtime_AfterExec
func runtimeAfterExec()
