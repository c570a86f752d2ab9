package applets

import (
	"bufio"
	"os"
	"sync"
	"time"

	"syn3d/protocol"

	"golang.org/x/sys/unix"
)

// statChunk is how many services it takes to make another thread worthwhile.
const statChunk = 128

func svstat(args []string) error {
	out := bufio.NewWriter(os.Stdout)
	for i, text := range describeAll(args) {
		out.WriteString(args[i])
		out.WriteString(": ")
		out.Write(text)
		out.WriteByte('\n')
	}
	out.Flush()
	return nil
}

// tellsMore reports whether the arguments ask for more than the original's
// line, which package frontend prints. The original has no options, and takes
// whatever looks like one for a service: so does this but for one of these, and
// only in the first place.
func tellsMore(args []string) bool {
	if len(args) == 0 {
		return false
	}
	return args[0] == "-l" || args[0] == "--long" || args[0] == "--json"
}

// describeAll describes services, many of them on all processors.
func describeAll(names []string) [][]byte {
	texts := make([][]byte, len(names))
	var chunks sync.WaitGroup
	for from := 0; from < len(names); from += statChunk {
		chunk := func() {
			for i := from; i < min(from+statChunk, len(names)); i++ {
				texts[i] = describe(names[i])
			}
		}
		if len(names) <= statChunk {
			chunk()
			break
		}
		chunks.Go(chunk)
	}
	chunks.Wait()
	return texts
}

// describe returns what svstat says of a service, be it an error.
func describe(name string) []byte {
	dir := name
	okErr := protocol.Supervised(dir)
	if okErr != nil {
		dir = protocol.Locate(name)
		okErr = protocol.Supervised(dir)
	}
	normallyDown, downErr := protocol.NormallyDown(dir)
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
