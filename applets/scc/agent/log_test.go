package agent

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// newLog makes a service with a log of files, of which names and lines are
// given in turn, and returns a client of an agent for it.
func newLog(t *testing.T, files ...string) (c *Client, logs string) {
	t.Helper()
	scan := t.TempDir()
	write(t, scan+"/web/run", "#!/bin/sh\n", 0o755)
	write(t, scan+"/web/log/run", "#!/bin/sh\nexec multilog t ./main\n", 0o755)
	logs = scan + "/web/log/main"
	for i := 0; i < len(files); i += 2 {
		write(t, logs+"/"+files[i], files[i+1], 0o644)
	}
	return newAgent(t, scan), logs
}

const (
	oldest = "@4000000065f1a2b300000000.s"
	newer  = "@4000000065f1a2b400000000.u"
)

func TestLog(t *testing.T) {
	c, _ := newLog(t, "current", "5\n6\n", newer, "3\n4\n", oldest, "1\n2 x\n", "lock", "secret\n", "state", "secret\n")
	tests := []struct {
		query LogQuery
		want  []string
		next  *LogQuery
	}{
		{LogQuery{Lines: 1}, []string{"6"}, &LogQuery{File: "current", Before: 2, Lines: 1}},
		{LogQuery{Lines: 3}, []string{"4", "5", "6"}, &LogQuery{File: newer, Before: 2, Lines: 3}},
		{LogQuery{Lines: 4}, []string{"3", "4", "5", "6"}, &LogQuery{File: oldest, Lines: 4}},
		{LogQuery{Lines: 9}, []string{"1", "2 x", "3", "4", "5", "6"}, nil},
		{LogQuery{Lines: 9, Search: "X"}, []string{"2 x"}, nil},
		{LogQuery{Lines: 9, File: newer}, []string{"3", "4"}, &LogQuery{File: oldest, Lines: 9}},
		{LogQuery{Lines: 1, File: newer, Before: 2}, []string{"3"}, &LogQuery{File: oldest, Lines: 1}},
		{LogQuery{Lines: 9, File: oldest}, []string{"1", "2 x"}, nil},
	}
	for _, test := range tests {
		err := c.Log(t.Context(), "web", test.query, func(part LogPart) error {
			next := fmt.Sprint(part.Next)
			if part.Next != nil {
				next = fmt.Sprint(&LogQuery{part.Next.File, part.Next.Before, part.Next.Lines, "", false})
			}
			if got := texts(part.Lines); !slices.Equal(got, test.want) || next != fmt.Sprint(test.next) {
				t.Errorf("%+v: %q, next %s, want %q, %v", test.query, got, next, test.want, test.next)
			}
			return nil
		})
		check(t, err)
	}
	for _, file := range []string{"lock", "state", "../run", "/etc/passwd", "@4000000065f1a2b500000000.s", "..", "."} {
		err := c.Log(t.Context(), "web", LogQuery{File: file, Lines: 1}, func(LogPart) error { return nil })
		if !errors.Is(err, ErrNoFile) {
			t.Errorf("the log file %q: %v, want %v", file, err, ErrNoFile)
		}
	}
}

// TestLogLink has whoever may write logs try to have another file shown.
func TestLogLink(t *testing.T) {
	c, logs := newLog(t, "current", "1\n")
	check(t, os.Symlink("../../run", logs+"/"+oldest))
	check(t, os.Mkdir(logs+"/"+newer, 0o755))
	for _, file := range []string{oldest, newer} {
		err := c.Log(t.Context(), "web", LogQuery{File: file, Lines: 1}, func(LogPart) error { return nil })
		if !errors.Is(err, ErrNoFile) {
			t.Errorf("%s: %v, want %v", file, err, ErrNoFile)
		}
	}
}

// TestLogFollow writes lines, one of them in two halves, and rotates the log
// amid them.
func TestLogFollow(t *testing.T) {
	t.Run("by inotify", func(t *testing.T) { testLogFollow(t, newLogReader()) })
	t.Run("without more of it", func(t *testing.T) { testLogFollow(t, logReader{reading: make(chan struct{}, 1)}) })
}

func testLogFollow(t *testing.T, l logReader) {
	_, logs := newLog(t, "current", "1\nhal")
	appendTo := func(file, text string) {
		f, err := os.OpenFile(logs+"/"+file, os.O_APPEND|os.O_WRONLY|os.O_CREATE, 0o644)
		check(t, err)
		defer f.Close()
		_, err = f.WriteString(text)
		check(t, err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	var got []string
	begun, rotated := false, false
	err := l.read(ctx, filepath.Dir(filepath.Dir(logs)), LogQuery{Lines: 1, Follow: true}, func(part LogPart) error {
		got = append(got, texts(part.Lines)...)
		rotated = rotated || part.Rotated
		switch said := strings.Join(got, ","); {
		case !begun:
			begun = true
			appendTo("current", "f\n")
		case said == "1,half":
			appendTo("current", "last\n")
			check(t, os.Rename(logs+"/current", logs+"/"+newer))
			appendTo("current", "first\n")
		case strings.HasSuffix(said, "first"):
			cancel()
		}
		return nil
	})
	if want := []string{"1", "half", "last", "first"}; !slices.Equal(got, want) || !rotated || !errors.Is(err, context.Canceled) {
		t.Errorf("followed: %q, rotated %t, %v, want %q, rotated", got, rotated, err, want)
	}
}

// TestLogInTurn has as many read as may, and one more.
func TestLogInTurn(t *testing.T) {
	_, dir := newLog(t, "current", "1\n")
	l := logReader{reading: make(chan struct{}, 1)}
	l.reading <- struct{}{}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	read := func(ctx context.Context) error {
		return l.read(ctx, filepath.Dir(filepath.Dir(dir)), LogQuery{Lines: 1}, func(LogPart) error { return nil })
	}
	if err := read(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("out of turn: %v", err)
	}
	<-l.reading
	if err := read(t.Context()); err != nil || len(l.reading) != 0 {
		t.Errorf("in turn: %v, %d are still reading", err, len(l.reading))
	}
}
