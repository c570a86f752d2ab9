package applets

import "golang.org/x/sys/unix"

func pgrphack(_ *chain, args []string) (next []string, err error) {
	if len(args) == 0 {
		return nil, Usage("pgrphack: usage: pgrphack child")
	}
	unix.Setsid() // fails only for the leader of a process group, which is as well
	return args, nil
}
