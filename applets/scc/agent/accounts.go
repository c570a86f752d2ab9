package agent

// accounts are those of a file.
type accounts struct{ File string }

func (a accounts) login(name, password string) (Account, error) { return Account{}, ErrRefused }

func (a accounts) token(secret string) (Account, error) { return Account{}, ErrRefused }
