package applets

import (
	"syn3d/protocol"

	"golang.org/x/sys/unix"
)

func setuidgid(c *chain, args []string) (next []string, err error) {
	if len(args) < 2 {
		return nil, Usage("setuidgid: usage: setuidgid account child")
	}
	account, err := c.lookUp(args[0])
	if err != nil {
		return nil, err
	}
	if err := c.setLimits(unix.RLIMIT_NPROC); err != nil {
		return nil, err
	}
	return args[1:], dropTo(account)
}

// dropTo takes on the privileges of an account, and no others. It does so to
// this thread alone, which is the one that will execute the next program: the
// exec ends the others, and until then they would count as processes of the
// account, of which it may have a limited number.
func dropTo(a account) error {
	gid, uid := uintptr(a.gid), uintptr(a.uid)
	if err := unix.Setgroups([]int{int(gid)}); err != nil {
		return &protocol.Error{What: "unable to setgid", Err: err}
	}
	if _, _, errno := unix.RawSyscall(unix.SYS_SETRESGID, gid, gid, gid); errno != 0 {
		return &protocol.Error{What: "unable to setgid", Err: errno}
	}
	if _, _, errno := unix.RawSyscall(unix.SYS_SETRESUID, uid, uid, uid); errno != 0 {
		return &protocol.Error{What: "unable to setuid", Err: errno}
	}
	if !hasOnly(a) {
		return &protocol.Error{What: "unable to setuid", Err: unix.EINVAL}
	}
	return nil
}

// hasOnly reports whether this thread has the privileges of a, and no others:
// a program that runs with more than it was meant to is worse than none.
func hasOnly(a account) bool {
	gid, uid := int(a.gid), int(a.uid)
	ruid, euid, suid := unix.Getresuid()
	rgid, egid, sgid := unix.Getresgid()
	groups, err := unix.Getgroups()
	return [...]int{ruid, euid, suid} == [...]int{uid, uid, uid} &&
		[...]int{rgid, egid, sgid} == [...]int{gid, gid, gid} &&
		err == nil && len(groups) == 1 && groups[0] == gid
}
