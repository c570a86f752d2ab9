package integration

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// The golden cases of a tool stand in testdata/golden/TOOL.txt. Lines that
// begin with # are comments. A case is
//
//	== what it shows
//	needs: root
//	$ first line of a shell script
//	$ second line
//	1> a line of standard output
//	2| standard error, without a newline at its end
//	exit 0
//
//	differs: heading in docs/differences.md
//	1> what this implementation prints instead
//	exit 0
//
// Script lines above the first case stand in front of every script. In a
// case, only the lines up to exit are recorded, and only from the original; the
// rest is written by hand. "hosted differs:" and "forked differs:" hold for
// one of the modes of svscan. Lines of output that are not printable ASCII,
// and those that begin with a quote, are quoted as in Go.

// A goldenCase is a shell script and what it prints.
type goldenCase struct {
	comments   []string // above it
	name       string
	needs      []string
	prologue   []string // of the file
	script     []string
	original   *result // nil until it has been recorded
	deviations []deviation
}

// A deviation is what this implementation prints on purpose.
type deviation struct {
	mode   string // "hosted", "forked" or, for both, ""
	reason string // a heading of docs/differences.md
	result *result
}

// expected returns what the case is to print in a mode of svscan.
func (c *goldenCase) expected(mode string) *result {
	for _, d := range c.deviations {
		if d.mode == "" || d.mode == mode {
			return d.result
		}
	}
	return c.original
}

// A goldenFile holds the cases of one tool.
type goldenFile struct {
	path     string
	tool     string
	head     []string // lines above the first case
	cases    []*goldenCase
	comments []string // behind the last case
}

// readGolden returns all golden files.
func readGolden(t *testing.T) []*goldenFile {
	t.Helper()
	paths, err := filepath.Glob("testdata/golden/*.txt")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no golden files: %v", err)
	}
	var files []*goldenFile
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		f := &goldenFile{path: path, tool: strings.TrimSuffix(filepath.Base(path), ".txt")}
		for i, line := range strings.Split(string(text), "\n") {
			if err := f.parse(line); err != nil {
				t.Fatalf("%s:%d: %v: %q", path, i+1, err, line)
			}
		}
		files = append(files, f)
	}
	return files
}

func (f *goldenFile) parse(line string) error {
	keyword, rest, _ := strings.Cut(line, " ")
	switch {
	case line == "":
		return nil
	case len(f.cases) == 0 && keyword != "==":
		f.head = append(f.head, line)
		return nil
	case keyword == "#":
		f.comments = append(f.comments, line)
		return nil
	case keyword == "==":
		f.cases = append(f.cases, &goldenCase{comments: f.comments, name: rest, prologue: f.prologue()})
		f.comments = nil
		return nil
	case f.comments != nil:
		return fmt.Errorf("a comment within a case")
	}
	return f.cases[len(f.cases)-1].parse(keyword, rest)
}

// prologue returns the script lines above the first case.
func (f *goldenFile) prologue() (lines []string) {
	for _, line := range f.head {
		if script, found := strings.CutPrefix(line, "$ "); found {
			lines = append(lines, script)
		}
	}
	return lines
}

func (c *goldenCase) parse(keyword, rest string) error {
	switch keyword {
	case "needs:":
		c.needs = strings.Fields(rest)
	case "$":
		c.script = append(c.script, rest)
	case "differs:":
		c.deviations = append(c.deviations, deviation{reason: rest})
	case "hosted", "forked":
		reason, found := strings.CutPrefix(rest, "differs: ")
		if !found {
			return fmt.Errorf("differs: expected")
		}
		c.deviations = append(c.deviations, deviation{mode: keyword, reason: reason})
	default:
		return c.printed().parse(keyword, rest)
	}
	return nil
}

// printed returns the result to which the next line of output belongs.
func (c *goldenCase) printed() *result {
	r := &c.original
	if n := len(c.deviations); n > 0 {
		r = &c.deviations[n-1].result
	}
	if *r == nil {
		*r = &result{}
	}
	return *r
}

func (r *result) parse(keyword, rest string) (err error) {
	if keyword == "exit" {
		r.code, err = strconv.Atoi(rest)
		return err
	}
	if strings.HasPrefix(rest, `"`) {
		if rest, err = strconv.Unquote(rest); err != nil {
			return err
		}
	}
	switch keyword {
	case "1>":
		r.out += rest + "\n"
	case "1|":
		r.out += rest
	case "2>":
		r.err += rest + "\n"
	case "2|":
		r.err += rest
	default:
		return fmt.Errorf("unknown keyword")
	}
	return nil
}

// String returns the file in the form that parse reads.
func (f *goldenFile) String() string {
	var b strings.Builder
	writeLines(&b, "", f.head)
	for _, c := range f.cases {
		b.WriteString("\n" + c.String())
	}
	if len(f.comments) > 0 {
		b.WriteString("\n")
		writeLines(&b, "", f.comments)
	}
	return b.String()
}

func (c *goldenCase) String() string {
	var b strings.Builder
	writeLines(&b, "", c.comments)
	fmt.Fprintf(&b, "== %s\n", c.name)
	if len(c.needs) > 0 {
		fmt.Fprintf(&b, "needs: %s\n", strings.Join(c.needs, " "))
	}
	writeLines(&b, "$ ", c.script)
	b.WriteString(c.original.String())
	for _, d := range c.deviations {
		b.WriteString(strings.TrimLeft(d.mode+" ", " "))
		fmt.Fprintf(&b, "differs: %s\n%s", d.reason, d.result)
	}
	return b.String()
}

func (r *result) String() string {
	if r == nil {
		return ""
	}
	var b strings.Builder
	writeOutput(&b, "1", r.out)
	writeOutput(&b, "2", r.err)
	fmt.Fprintf(&b, "exit %d\n", r.code)
	return b.String()
}

func writeLines(b *strings.Builder, prefix string, lines []string) {
	for _, line := range lines {
		b.WriteString(strings.TrimRight(prefix+line, " ") + "\n")
	}
}

func writeOutput(b *strings.Builder, stream, text string) {
	for text != "" {
		line, rest, whole := strings.Cut(text, "\n")
		mark := ">"
		if !whole {
			mark = "|"
		}
		b.WriteString(strings.TrimRight(stream+mark+" "+quoteOutput(line), " ") + "\n")
		text = rest
	}
}

// quoteOutput quotes a line that would not survive in a text file as it is.
func quoteOutput(line string) string {
	quoted := strconv.QuoteToASCII(line)
	plain := quoted == `"`+line+`"` && strings.Trim(line, " ") == line
	if plain {
		return line
	}
	return quoted
}

func TestGoldenFormat(t *testing.T) {
	t.Parallel()
	text := `# A comment.
$ : in front of every script

== a name
needs: root
$ printf 'x\n'
$   svscan
1> plain
1>
1> "\xff and \"quotes\""
1> " surrounded "
1| no newline
2> words
exit 111
hosted differs: a reason
exit 0

# Another comment.
== another
$ true
exit 0

# At the end.
`
	f := &goldenFile{}
	for _, line := range strings.Split(text, "\n") {
		if err := f.parse(line); err != nil {
			t.Fatalf("parse(%q) = %v", line, err)
		}
	}
	if got := f.String(); got != text {
		t.Errorf("String() = %s, want %s", got, text)
	}
	first := f.cases[0]
	wantHosted, wantForked := result{}, result{"plain\n\n\xff and \"quotes\"\n surrounded \nno newline", "words\n", 111}
	if got := *first.expected("hosted"); got != wantHosted {
		t.Errorf("expected(hosted) = %+v, want %+v", got, wantHosted)
	}
	if got := *first.expected("forked"); got != wantForked {
		t.Errorf("expected(forked) = %+v, want %+v", got, wantForked)
	}
}
