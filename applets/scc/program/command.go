package main

import (
	"fmt"

	"syn3d/applets/scc/agent"
	"syn3d/protocol"

	"github.com/urfave/cli/v2"
)

const (
	defaultListen = "127.0.0.1:8027"
	defaultPasswd = "/etc/syn3/scc.passwd"
)

const (
	serveArgs = "[--listen address] [--user account] [--cert file --key file] [--passwd file] [directory]"
	nameArgs  = "[--viewer] name"
)

// run carries out what the command line says.
func run(argv []string) error {
	app := &cli.App{
		Name:            "scc",
		Usage:           "show and control services in a browser",
		UsageText:       "scc " + serveArgs + "\nscc [--passwd file] passwd " + nameArgs + "\nscc [--passwd file] token " + nameArgs,
		HideHelpCommand: true,
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "listen", Value: defaultListen, Usage: "serve at `address`, host:port or unix:/path"},
			&cli.StringFlag{Name: "user", Usage: "have the pages served by a process of `account`"},
			&cli.StringFlag{Name: "cert", Usage: "use TLS with the certificates in `file`"},
			&cli.StringFlag{Name: "key", Usage: "and their key in `file`"},
			&cli.StringFlag{Name: "passwd", Value: defaultPasswd, Usage: "take passwords and tokens from `file`"},
		},
		OnUsageError: wrongUsage,
		Action:       serveCommand,
		Commands: []*cli.Command{
			accountCommand("passwd", "set the password of an account", setPassword),
			accountCommand("token", "make a token, with which programs log in, and print it", makeToken),
		},
	}
	return app.Run(argv)
}

func wrongUsage(_ *cli.Context, err error, _ bool) error {
	return misuse{fmt.Errorf("%w (scc --help tells more)", err)}
}

// accountCommand is one that changes an account.
func accountCommand(name, usage string, do func(file string, account agent.Account) error) *cli.Command {
	return &cli.Command{
		Name: name, Usage: usage, ArgsUsage: nameArgs, HideHelpCommand: true,
		Flags:        []cli.Flag{&cli.BoolFlag{Name: "viewer", Usage: "who may see, but not change anything"}},
		OnUsageError: wrongUsage,
		Action: func(line *cli.Context) error {
			if line.NArg() != 1 {
				return misuse{fmt.Errorf("usage: scc %s %s", name, nameArgs)}
			}
			account := agent.Account{Name: line.Args().First(), Role: agent.Admin}
			if line.Bool("viewer") {
				account.Role = agent.Viewer
			}
			if err := agent.CheckAccount(account); err != nil {
				return misuse{err}
			}
			return do(line.String("passwd"), account)
		},
	}
}

func serveCommand(line *cli.Context) error {
	o := options{
		listen: line.String("listen"), user: line.String("user"),
		cert: line.String("cert"), key: line.String("key"),
		passwd: line.String("passwd"), scan: protocol.Root(),
	}
	switch line.NArg() {
	case 0:
	case 1:
		o.scan = line.Args().First()
	default:
		return misuse{fmt.Errorf("usage: scc %s", serveArgs)}
	}
	return serve(o)
}
