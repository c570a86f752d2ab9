package applets

import "strconv"

func envuidgid(c *chain, args []string) (next []string, err error) {
	if len(args) < 2 {
		return nil, Usage("envuidgid: usage: envuidgid account child")
	}
	account, err := c.lookUp(args[0])
	if err != nil {
		return nil, err
	}
	c.setenv("GID=" + strconv.FormatUint(uint64(account.gid), 10))
	c.setenv("UID=" + strconv.FormatUint(uint64(account.uid), 10))
	return args[1:], nil
}
