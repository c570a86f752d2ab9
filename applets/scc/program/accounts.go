package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"

	"syn3d/applets/scc/agent"

	"golang.org/x/sys/unix"
)

func setPassword(file string, account agent.Account) error {
	password, err := readPassword(account.Name)
	if err != nil {
		return err
	}
	if err := agent.CheckPassword(password); err != nil {
		return misuse{err}
	}
	return agent.SetPassword(file, account, password)
}

func makeToken(file string, account agent.Account) error {
	token, err := agent.AddToken(file, account)
	if err != nil {
		return err
	}
	_, err = fmt.Println(token)
	return err
}

// readPassword asks for a password twice, or, if nobody is there to be asked,
// takes the first line of the standard input.
func readPassword(name string) (string, error) {
	in := bufio.NewReader(io.LimitReader(os.Stdin, 64<<10))
	shown, err := hideInput()
	if err != nil {
		return readLine(in)
	}
	defer shown()
	password, err := ask(in, "New password of "+name+": ")
	if err != nil {
		return "", err
	}
	again, err := ask(in, "Once more: ")
	if err == nil && again != password {
		err = misuse{errors.New("these are not the same")}
	}
	return password, err
}

func ask(in *bufio.Reader, question string) (string, error) {
	fmt.Fprint(os.Stderr, question)
	defer fmt.Fprintln(os.Stderr) // the one that was typed was not shown
	return readLine(in)
}

func readLine(in *bufio.Reader) (string, error) {
	line, err := in.ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return "", fmt.Errorf("unable to read the password: %w", err)
	}
	return strings.TrimSuffix(line, "\n"), nil
}

// hideInput has the terminal not show what is typed, until shown is called, or
// the process is told to end. It fails if there is no terminal.
func hideInput() (shown func(), err error) {
	const fd = 0
	before, err := unix.IoctlGetTermios(fd, unix.TCGETS)
	if err != nil {
		return nil, err
	}
	hidden := *before
	hidden.Lflag &^= unix.ECHO
	if err := unix.IoctlSetTermios(fd, unix.TCSETS, &hidden); err != nil {
		return nil, err
	}
	shown = func() { unix.IoctlSetTermios(fd, unix.TCSETS, before) }
	told := make(chan os.Signal, 1)
	signal.Notify(told, unix.SIGINT, unix.SIGTERM, unix.SIGHUP, unix.SIGQUIT)
	go func() { // for as long as the process lives
		<-told
		shown()
		os.Exit(codeFatal)
	}()
	return shown, nil
}
