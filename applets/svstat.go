package applets

import (
	"bufio"
	"os"
	"time"

	"syn3d/protocol"

	"golang.org/x/sys/unix"
)

func svstat(args []string) error {
	out := bufio.NewWriter(os.Stdout)
	for _, name := range args {
		out.WriteString(name)
		out.WriteString(": ")
		out.Write(describe(protocol.Locate(name)))
		out.WriteByte('\n')
	}
	out.Flush()
	return nil
}

// describe returns what svstat says of a service directory, be it an error.
func describe(dir string) []byte {
	normallyDown, downErr := protocol.NormallyDown(dir)
	okErr := protocol.Supervised(dir)
	if downErr != nil || okErr != nil {
		return []byte(trouble(dir, downErr, okErr))
	}
	status, err := protocol.ReadStatus(dir)
	if err != nil {
		return []byte(err.Error())
	}
	return protocol.AppendText(nil, status, normallyDown, time.Now())
}

// trouble says why there is no status to be had.
func trouble(dir string, downErr, okErr error) string {
	if err := protocol.CheckDir(dir); err != nil {
		return "unable to chdir: " + protocol.ErrorText(err)
	}
	if downErr != nil {
		return "unable to stat " + protocol.DownFile + ": " + protocol.ErrorText(downErr)
	}
	if okErr == unix.ENXIO {
		return protocol.ErrNotRunning.Error()
	}
	return "unable to open " + protocol.OkFile + ": " + protocol.ErrorText(okErr)
}
