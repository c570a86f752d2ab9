package applets

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

const (
	manDir     = "../docs/man/"
	manSection = ".8"
	manOfAll   = "syn3d" // the page that lists all others
)

// manPage returns the source of a page.
func manPage(t *testing.T, name string) string {
	t.Helper()
	source, err := os.ReadFile(manDir + name + manSection)
	if err != nil {
		t.Fatal(err)
	}
	return string(source)
}

// manPages returns the names of all pages.
func manPages(t *testing.T) (names []string) {
	t.Helper()
	files, err := filepath.Glob(manDir + "*")
	if err != nil || files == nil {
		t.Fatalf("no man pages in %s: %v", manDir, err)
	}
	for _, file := range files {
		names = append(names, strings.TrimSuffix(filepath.Base(file), manSection))
	}
	return names
}

// synopsis returns what a page's SYNOPSIS shows after the name.
func synopsis(page string) string {
	_, section, _ := strings.Cut(page, "\n.Sh SYNOPSIS\n.Nm\n")
	section, _, _ = strings.Cut(section, ".Sh ")
	var shown []string
	for line := range strings.Lines(section) {
		shown = append(shown, render(strings.Fields(strings.TrimPrefix(line, "."))))
	}
	return strings.Join(shown, " ")
}

// render returns what a macro line of a synopsis shows.
func render(words []string) string {
	var shown []string
	dash := ""
	for i, word := range words {
		switch word {
		case "Ar", "Cm":
		case "Fl":
			dash = "-"
		case "Op":
			return strings.Join(append(shown, "["+render(words[i+1:])+"]"), " ")
		default:
			shown = append(shown, dash+word)
			dash = ""
		}
	}
	return strings.Join(shown, " ")
}

func TestManSynopsis(t *testing.T) {
	tests := []struct{ what, lines, want string }{
		{"operand", ".Ar service ...\n", "service ..."},
		{"joined options", ".Op Fl nN\n", "[-nN]"},
		{"option with a value", ".Op Fl w Ar seconds\n.Ar service ...\n", "[-w seconds] service ..."},
		{"optional in optional", ".Op Ar a Op Ar b\n", "[a [b]]"},
		{"none", "", ""},
	}
	for _, test := range tests {
		page := ".Sh NAME\n.Sh SYNOPSIS\n.Nm\n" + test.lines + ".Sh DESCRIPTION\n.Ar no more\n"
		if got := synopsis(page); got != test.want {
			t.Errorf("%s: synopsis(%q) = %q, want %q", test.what, test.lines, got, test.want)
		}
	}
}

// A page says of an applet what the table does.
func TestManPage(t *testing.T) {
	for _, a := range All() {
		t.Run(a.Name, func(t *testing.T) {
			page := manPage(t, a.Name)
			head := ".Sh NAME\n.Nm " + a.Name + "\n.Nd " + a.Short + "\n.Sh SYNOPSIS\n"
			if !strings.Contains(page, head) {
				t.Errorf("no %q", head)
			}
			if title := ".Dt " + strings.ToUpper(a.Name) + " 8\n"; !strings.Contains(page, title) {
				t.Errorf("no %q", title)
			}
			if got := synopsis(page); got != a.Args {
				t.Errorf("synopsis = %q, want %q", got, a.Args)
			}
			for _, letter := range optionLetters(a.Args) {
				if item := "\n.It Fl " + letter; !strings.Contains(page, item) {
					t.Errorf("no %q", item)
				}
			}
		})
	}
}

// optionLetters returns the options in the arguments of an applet.
func optionLetters(args string) (letters []string) {
	for _, options := range regexp.MustCompile(`\[-(\w+)`).FindAllStringSubmatch(args, -1) {
		letters = append(letters, strings.Split(options[1], "")...)
	}
	return letters
}

// The page of all lists every applet, in the words and the order of the table.
func TestManPageOfAll(t *testing.T) {
	var want, got []string
	for _, a := range All() {
		want = append(want, a.Name+": "+a.Short)
	}
	item := regexp.MustCompile(`(?m)^\.It Xr (\S+) 8\n(.*)$`)
	for _, listed := range item.FindAllStringSubmatch(manPage(t, manOfAll), -1) {
		got = append(got, listed[1]+": "+listed[2])
	}
	if !slices.Equal(got, want) {
		t.Errorf("%s lists %q, want %q", manOfAll, got, want)
	}
}

// Pages exist for applets only, and refer only to pages that exist.
func TestManReferences(t *testing.T) {
	names := manPages(t)
	reference := regexp.MustCompile(`(?m)^\.(?:It )?Xr (\S+) 8\b`)
	for _, name := range names {
		if name != manOfAll && Find(name) == nil {
			t.Errorf("%s is no applet", name)
		}
		for _, to := range reference.FindAllStringSubmatch(manPage(t, name), -1) {
			if !slices.Contains(names, to[1]) {
				t.Errorf("%s refers to %s, of which there is no page", name, to[1])
			}
		}
	}
}

// install.sh knows the pages that are its own by a line.
func TestManMark(t *testing.T) {
	const mark = "\n.Os syn3d\n"
	for _, name := range manPages(t) {
		if !strings.Contains(manPage(t, name), mark) {
			t.Errorf("%s has no %q", name, mark)
		}
	}
}

func TestManLint(t *testing.T) {
	mandoc, err := exec.LookPath("mandoc")
	if err != nil && os.Getenv("CI") != "" {
		t.Fatal("mandoc is missing: install the package mandoc")
	}
	if err != nil {
		t.Skip("mandoc is missing: this test needs the package mandoc")
	}
	for _, name := range manPages(t) {
		if out, err := exec.Command(mandoc, "-Tlint", "-Wwarning", manDir+name+manSection).CombinedOutput(); err != nil {
			t.Errorf("mandoc: %v\n%s", err, out)
		}
	}
}
