package agent

import (
	"io"
	"os"
	"slices"
	"strings"

	"syn3d/protocol"

	"golang.org/x/sys/unix"
)

// maxScript is how much of a script is shown, in bytes.
const maxScript = 64 << 10

// files returns what there is to read of a service.
func (a *Agent) files(name, dir string) Files {
	f := Files{Logs: logFiles(dir), Recent: a.tree.recent(name)}
	for _, file := range []string{protocol.RunFile, protocol.StartScript, protocol.StopScript, protocol.LogDir + "/" + protocol.RunFile} {
		if script, ok := readScript(dir, file); ok {
			f.Scripts = append(f.Scripts, script)
		}
	}
	return f
}

func readScript(dir, name string) (s Script, ok bool) {
	file, info, err := openRegular(dir+"/"+name, 0)
	if err != nil {
		return s, false
	}
	defer file.Close()
	text, _ := io.ReadAll(io.LimitReader(file, maxScript))
	return Script{Name: name, Executable: info.Mode()&0o111 != 0, Text: visibleLines(text)}, true
}

// visibleLines is visible for text of several lines.
func visibleLines(text []byte) string {
	var b strings.Builder
	for line := range strings.Lines(string(text)) {
		body, ended := strings.CutSuffix(line, "\n")
		b.WriteString(visible([]byte(body)))
		if ended {
			b.WriteByte('\n')
		}
	}
	return b.String()
}

// openRegular opens a regular file, and nothing else: a FIFO must not keep us
// waiting.
func openRegular(path string, flags int) (*os.File, os.FileInfo, error) {
	file, err := os.OpenFile(path, os.O_RDONLY|unix.O_NONBLOCK|flags, 0)
	if err != nil {
		return nil, nil, err
	}
	info, err := file.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = ErrNoFile
	}
	if err != nil {
		file.Close()
		return nil, nil, err
	}
	return file, info, nil
}

// logFiles returns the log files of a service, current first and then the
// newest.
func logFiles(dir string) (files []LogFile) {
	logs := logDir(dir)
	if logs == "" {
		return nil
	}
	entries, _ := os.ReadDir(logs)
	for _, entry := range entries {
		info, err := entry.Info()
		if err == nil && info.Mode().IsRegular() && isLogFile(entry.Name()) {
			files = append(files, LogFile{entry.Name(), info.Size(), protocol.Date(info.ModTime())})
		}
	}
	slices.SortFunc(files, func(a, b LogFile) int {
		if (a.Name == currentFile) != (b.Name == currentFile) {
			return map[bool]int{true: -1, false: 1}[a.Name == currentFile]
		}
		return strings.Compare(b.Name, a.Name) // labels: the newest first
	})
	return files
}
