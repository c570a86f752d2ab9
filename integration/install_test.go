package integration

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"syn3d/applets"

	"golang.org/x/sys/unix"
)

// A packet is a directory with install.sh and what it installs, and the PATH
// to run it with. The PATH decides which shell and which tools do so.
type packet struct{ dir, path string }

// packets runs test with the PATH of the system's shell and tools, and with
// that of busybox's.
func packets(t *testing.T, test func(t *testing.T, path string)) {
	t.Run("system", func(t *testing.T) {
		t.Parallel()
		test(t, "/usr/bin:/bin")
	})
	t.Run("busybox", func(t *testing.T) {
		t.Parallel()
		tools := t.TempDir()
		run(t, tools, installed(t, "/bin/busybox", "busybox"), "--install", "-s", tools)
		test(t, tools)
	})
}

// newPacket makes a packet whose binary is a script, so that the names are
// those of the list.
func newPacket(t *testing.T, path string) packet {
	t.Helper()
	script, err := os.ReadFile("../install.sh")
	if err != nil {
		t.Fatal(err)
	}
	p := packet{t.TempDir(), path}
	p.write(t, "install.sh", string(script))
	p.write(t, "syn3d", tool("new"))
	p.write(t, "syn3d.list", "svc\nsvok\nsvstat\n")
	return p
}

func (p packet) write(t *testing.T, name, content string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(p.dir, name), []byte(content), 0o755); err != nil {
		t.Fatal(err)
	}
}

// install runs install.sh in its directory.
func (p packet) install(t *testing.T, args ...string) result {
	t.Helper()
	return run(t, p.dir, append([]string{"env", "PATH=" + p.path, "sh", "install.sh"}, args...)...)
}

// tool returns a script that prints its version. Any but the version "old" has
// the lines that mark the binaries and the pages of syn3d.
func tool(version string) string {
	script := "#!/bin/sh\necho " + version + "\nexit\n"
	if version == "old" {
		return script
	}
	return script + "mod\tsyn3d\t(devel)\t\n.Os syn3d\n"
}

// populate makes the files of a directory from their description: name=version
// is a tool, name->target a link, name/ a directory. DIR is the directory.
func populate(t *testing.T, dir, files string) {
	t.Helper()
	for _, file := range strings.Fields(strings.ReplaceAll(files, "DIR", dir)) {
		var err error
		if name, target, found := strings.Cut(file, "->"); found {
			err = os.Symlink(target, filepath.Join(dir, name))
		} else if name, version, found := strings.Cut(file, "="); found {
			err = os.WriteFile(filepath.Join(dir, name), []byte(tool(version)), 0o755)
		} else {
			err = os.Mkdir(filepath.Join(dir, file), 0o755)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

// describe is the inverse of populate, with the names in order.
func describe(t *testing.T, dir string) string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var files []string
	for _, entry := range entries {
		path := filepath.Join(dir, entry.Name())
		target, _ := os.Readlink(path)
		content, _ := os.ReadFile(path)
		switch {
		case target != "":
			files = append(files, entry.Name()+"->"+strings.ReplaceAll(target, dir, "DIR"))
		case entry.IsDir():
			files = append(files, entry.Name()+"/")
		default:
			files = append(files, entry.Name()+"="+strings.Fields(string(content))[2])
		}
	}
	return strings.Join(files, " ")
}

// stamp tells of a directory and of each file in it which inode it is and when
// that has been changed.
func stamp(t *testing.T, dir string) string {
	t.Helper()
	var stamps strings.Builder
	for _, name := range append([]string{"."}, fileNames(t, dir)...) {
		var s unix.Stat_t
		if err := unix.Lstat(filepath.Join(dir, name), &s); err != nil {
			t.Fatal(err)
		}
		fmt.Fprintln(&stamps, name, s.Ino, s.Mode, s.Nlink, s.Mtim)
	}
	return stamps.String()
}

func fileNames(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	names := []string{}
	for _, entry := range entries {
		names = append(names, entry.Name())
	}
	return names
}

// whole is what install.sh leaves in an empty directory.
const whole = "svc->syn3d svok->syn3d svstat->syn3d syn3d=new"

var installCases = []struct {
	name   string
	before string // as populate takes it
	args   string
	code   int
	said   string // a part of the output, with DIR for the directory
	after  string // as describe gives it
}{
	{"fresh", "", "", 0, "installed syn3d and 3 links in DIR (changed: 4)\n", whole},
	{"again", whole, "", 0, "installed syn3d and 3 links in DIR (changed: 0)\n", whole},
	{"names told", "svok->syn3d", "-v", 0,
		"installed DIR/syn3d\ninstalled DIR/svc\nleft DIR/svok\ninstalled DIR/svstat\n", whole},
	{"strangers apart", "other=old", "", 0, "", "other=old " + whole},
	{"update", "svc->syn3d syn3d=older", "-v", 0, "updated DIR/syn3d\n", whole},
	{"absolute links of ours", "svc->DIR/syn3d svok->./syn3d", "-v", 0, "updated DIR/svc\n", whole},
	{"names of process 1", whole, "--init", 0, "installed syn3d and 8 links in DIR (changed: 5)\n",
		"halt->syn3d init->syn3d poweroff->syn3d reboot->syn3d shutdown->syn3d " + whole},
	{"names of process 1 stay", "halt->syn3d " + whole, "", 0, "(changed: 0)\n", "halt->syn3d " + whole},
	{"names of process 1 in use", "init=old", "--init", 1, "DIR/init is not syn3d's", "init=old"},
	{"uninstall names of process 1", "init->syn3d init.before-syn3d=old " + whole, "--uninstall", 0, "", "init=old"},
	{"name no longer in the list", "gone->syn3d " + whole, "", 0, "", "gone->syn3d " + whole},

	{"foreign file", "svc=old", "", 1, "DIR/svc is not syn3d's", "svc=old"},
	{"foreign files", "svc=old svok=old", "", 1, "names in use: 2", "svc=old svok=old"},
	{"foreign binary", "syn3d=old", "", 1, "DIR/syn3d is not syn3d's", "syn3d=old"},
	{"foreign link", "svstat->old", "", 1, "DIR/svstat is not syn3d's", "svstat->old"},
	{"link to another syn3d", "svc->/nowhere/syn3d", "", 1, "DIR/svc is not syn3d's", "svc->/nowhere/syn3d"},
	{"binary is a link to one", "newer=newer syn3d->newer", "", 1, "DIR/syn3d is not", "newer=newer syn3d->newer"},
	{"directory", "svc/", "--force", 1, "DIR/svc is a directory", "svc/"},
	{"link to a directory", "svc->x x/", "--force", 1, "DIR/svc is a directory", "svc->x x/"},
	{"binary is a directory", "svc->syn3d syn3d/", "--force", 1, "DIR/svc is a dir", "svc->syn3d syn3d/"},
	{"backup in the way", "svc=old svc.before-syn3d=older", "--force", 1, "DIR/svc cannot be kept",
		"svc=old svc.before-syn3d=older"},

	{"forced file", "svc=old", "--force", 0, "",
		"svc->syn3d svc.before-syn3d=old svok->syn3d svstat->syn3d syn3d=new"},
	{"forced dangling link", "svok->nowhere", "--force -v", 0, "replaced DIR/svok\n",
		"svc->syn3d svok->syn3d svok.before-syn3d->nowhere svstat->syn3d syn3d=new"},
	{"forced binary", "syn3d=old", "--force", 0, "",
		"svc->syn3d svok->syn3d svstat->syn3d syn3d=new syn3d.before-syn3d=old"},
	{"forced without need", "", "--force", 0, "", whole},

	{"uninstall", whole, "--uninstall", 0, "uninstalled syn3d from DIR (changed: 4)\n", ""},
	{"uninstall nothing", "other=old", "--uninstall", 0, "uninstalled syn3d from DIR (changed: 0)\n", "other=old"},
	{"uninstall ours only", "svc=old svok->syn3d svstat->old syn3d=old", "--uninstall", 0, "",
		"svc=old svstat->old syn3d=old"},
	{"uninstall a link to a directory", "svc->syn3d syn3d/", "--uninstall", 0, "", "svc->syn3d syn3d/"},
	{"uninstall a name no longer in the list", "gone->syn3d " + whole, "--uninstall", 0, "", ""},
	{"uninstall restores", "svc->DIR/syn3d svc.before-syn3d=old svok->syn3d svok.before-syn3d->nowhere " +
		"syn3d=new syn3d.before-syn3d=old", "--uninstall -v", 0, "restored DIR/svok\n",
		"svc=old svok->nowhere syn3d=old"},
	{"uninstall restores what lost its link", "svc.before-syn3d=old", "--uninstall", 0, "", "svc=old"},
	{"uninstall loses nothing", "svc=old svc.before-syn3d=older", "--uninstall", 0, "warning: DIR/svc",
		"svc=old svc.before-syn3d=older"},

	{"dry", "", "--dry-run", 0, "would have installed DIR/syn3d\n", ""},
	{"dry force", "svc=old", "--dry-run --force", 0, "would have replaced DIR/svc\n", "svc=old"},
	{"dry conflict", "svc=old", "--dry-run", 1, "DIR/svc is not syn3d's", "svc=old"},
	{"dry uninstall", "svc->syn3d svc.before-syn3d=old syn3d=new", "--dry-run --uninstall", 0,
		"would have restored DIR/svc\nwould have removed DIR/syn3d\nwould have uninstalled syn3d from DIR (changed: 2)\n",
		"svc->syn3d svc.before-syn3d=old syn3d=new"},
}

func TestInstall(t *testing.T) {
	t.Parallel()
	packets(t, func(t *testing.T, path string) {
		p := newPacket(t, path)
		for _, c := range installCases {
			t.Run(c.name, func(t *testing.T) {
				dir := t.TempDir()
				populate(t, dir, c.before)
				first := stamp(t, dir)
				args := append(strings.Fields(c.args), "--bindir", dir)

				got := p.install(t, args...)
				said := strings.ReplaceAll(got.out+got.err, dir, "DIR")
				if got.code != c.code || !strings.Contains(said, c.said) {
					t.Errorf("install.sh %s = %d, %q, want %d, %q", c.args, got.code, said, c.code, c.said)
				}
				if after := describe(t, dir); after != c.after {
					t.Errorf("install.sh %s leaves %s, want %s", c.args, after, c.after)
				}
				second := stamp(t, dir)
				if c.before == c.after && second != first {
					t.Errorf("install.sh %s touches:\n%swas:\n%s", c.args, second, first)
				}
				p.install(t, args...)
				if third := stamp(t, dir); third != second {
					t.Errorf("install.sh %s, once more, touches:\n%swas:\n%s", c.args, third, second)
				}
			})
		}
	})
}

func TestInstallDirectories(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name string
		args []string
		want string // where it installs, in the directory of the packet
	}{
		{"made", []string{"--bindir", "@/a/b"}, "a/b"},
		{"prefix", []string{"--prefix", "@/usr"}, "usr/bin"},
		{"prefix with a slash", []string{"--prefix=@/usr/"}, "usr/bin"},
		{"relative", []string{"--bindir", "a"}, "a"},
		{"spaces", []string{"--bindir", "@/a b/ * c"}, "a b/ * c"},
		{"leading dash", []string{"--bindir=-a"}, "-a"},
		{"trailing slashes", []string{"--bindir", "@/a//"}, "a"},
		{"empty root", []string{"--destdir", "", "--bindir", "@/a"}, "a"},
		{"root", []string{"--destdir", "@/root"}, "root/usr/local/bin"},
		{"relative root with a slash", []string{"--destdir=-root/", "--prefix=/usr"}, "-root/usr/bin"},
		{"root of the root", []string{"--destdir", "root", "--bindir", "/"}, "root"},
	}
	packets(t, func(t *testing.T, path string) {
		for _, c := range cases {
			t.Run(c.name, func(t *testing.T) {
				p := newPacket(t, path)
				var args []string
				for _, arg := range c.args {
					args = append(args, strings.ReplaceAll(arg, "@", p.dir))
				}
				dry := p.install(t, append(args, "--dry-run")...)
				if _, err := os.Stat(filepath.Join(p.dir, c.want)); err == nil || dry.code != 0 {
					t.Fatalf("install.sh --dry-run %q = %v, and the directory is there", args, dry)
				}
				if got := p.install(t, args...); got.code != 0 {
					t.Fatalf("install.sh %q = %v", args, got)
				}
				if got := describe(t, filepath.Join(p.dir, c.want)); got != whole {
					t.Errorf("install.sh %q leaves %s, want %s", args, got, whole)
				}
				if got := p.install(t, append(args, "--uninstall")...); got.code != 0 {
					t.Errorf("install.sh --uninstall %q = %v", args, got)
				}
				if got := describe(t, filepath.Join(p.dir, c.want)); got != "" {
					t.Errorf("install.sh --uninstall %q leaves %s, want nothing", args, got)
				}
			})
		}
	})
}

var pageCases = []struct {
	name   string
	before string // in the directory of pages, as populate takes it
	args   string
	code   int
	after  string // as describe gives it
}{
	{"fresh", "", "", 0, "svc.8=new svok.8=new"},
	{"strangers apart", "other.8=old", "", 0, "other.8=old svc.8=new svok.8=new"},
	{"update", "svc.8=older", "", 0, "svc.8=new svok.8=new"},
	{"dry", "svc.8=older", "--dry-run", 0, "svc.8=older"},
	{"pages of process 1", "", "--init", 0, "init.8=new svc.8=new svok.8=new"},
	{"foreign page", "svok.8=old", "", 1, "svok.8=old"},
	{"foreign link", "svok.8->nowhere", "", 1, "svok.8->nowhere"},
	{"forced page", "svok.8=old", "--force", 0, "svc.8=new svok.8=new svok.8.before-syn3d=old"},
	{"uninstall", "svc.8=older svok.8=new", "--uninstall", 0, ""},
	{"uninstall a page no longer in the packet", "gone.8=older", "--uninstall", 0, ""},
	{"uninstall ours only", "svc.8=old svok.8=new", "--uninstall", 0, "svc.8=old"},
	{"uninstall restores", "svc.8=new svc.8.before-syn3d=old", "--uninstall", 0, "svc.8=old"},
}

// TestInstallPages installs man pages, which are beside the commands if the
// prefix of both is known.
func TestInstallPages(t *testing.T) {
	t.Parallel()
	packets(t, func(t *testing.T, path string) {
		p := newPacket(t, path)
		populate(t, p.dir, "docs/ docs/man/ docs/man/init.8=new docs/man/svc.8=new docs/man/svok.8=new")
		for _, c := range pageCases {
			t.Run(c.name, func(t *testing.T) {
				root := t.TempDir()
				dir := root + "/usr/share/man/man8"
				makeDir(t, dir)
				populate(t, dir, c.before)
				first := stamp(t, dir)
				args := append(strings.Fields(c.args), "--prefix", "/usr", "--destdir", root)
				got := p.install(t, args...)
				if after := describe(t, dir); after != c.after || got.code != c.code {
					t.Errorf("install.sh %s = %v, and leaves %s, want %d, %s", c.args, got, after, c.code, c.after)
				}
				second := stamp(t, dir)
				if c.before == c.after && second != first {
					t.Errorf("install.sh %s touches:\n%swas:\n%s", c.args, second, first)
				}
				p.install(t, args...)
				if third := stamp(t, dir); third != second {
					t.Errorf("install.sh %s, once more, touches:\n%swas:\n%s", c.args, third, second)
				}
			})
		}
		root := t.TempDir()
		if got := p.install(t, "--destdir", root, "--bindir", "/bin"); got.code != 0 || exists(root+"/share") {
			t.Errorf("install.sh --bindir = %v, and installs pages", got)
		}
	})
}

// TestInstallConfined has links in an image that lead out of it when they are
// followed here.
func TestInstallConfined(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name, image, args string
		code              int
	}{
		{"absolute link", "usr/ usr/local->OUT", "--destdir root", 111},
		{"relative link", "usr->../out", "--destdir root", 111},
		{"link of the pages alone", "usr/ usr/share->OUT", "--destdir root --prefix /usr", 111},
		{"dry", "usr->OUT", "--destdir root --dry-run", 111},
		{"uninstall", "usr->OUT", "--destdir root --uninstall", 111},
		{"link within the image", "real/ usr->real", "--destdir root", 0},
		{"no link on the way", "opt->OUT", "--destdir root", 0},
	}
	packets(t, func(t *testing.T, path string) {
		for _, c := range cases {
			t.Run(c.name, func(t *testing.T) {
				p := newPacket(t, path)
				populate(t, p.dir, "root/ out/")
				populate(t, p.dir+"/root", strings.ReplaceAll(c.image, "OUT", p.dir+"/out"))
				got := p.install(t, strings.Fields(c.args)...)
				if got.code != c.code || c.code != 0 && !strings.Contains(got.err, " through a link, in "+p.dir+"/out\n") {
					t.Errorf("install.sh %s = %v, want %d", c.args, got, c.code)
				}
				if left := describe(t, p.dir+"/out"); left != "" {
					t.Errorf("install.sh %s leaves %s out of the image", c.args, left)
				}
			})
		}
	})
}

func TestInstallFails(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name string
		args []string
		code int
		said string
	}{
		{"help", []string{"--help"}, 0, "usage: install.sh"},
		{"unknown option", []string{"--frob"}, 100, "fatal: unknown argument: --frob"},
		{"operand", []string{"bin"}, 100, "fatal: unknown argument: bin"},
		{"value for none", []string{"--force=bin"}, 100, "fatal: unknown argument: bin"},
		{"no value", []string{"--destdir"}, 100, "fatal: --destdir needs a directory"},
		{"empty prefix", []string{"--prefix", ""}, 100, "fatal: --prefix needs a directory"},
		{"empty bindir", []string{"--bindir="}, 100, "fatal: --bindir needs a directory"},
		{"relative in a root", []string{"--destdir", "root", "--bindir", "bin"}, 100, "must be absolute: bin"},
		{"below a file", []string{"--bindir", "syn3d/bin"}, 111, "fatal: unable to make "},
		{"read-only", []string{"--bindir", "/proc"}, 111, "/proc"},
		{"uninstall from nowhere", []string{"--uninstall", "--bindir", "nowhere"}, 0, "nowhere (changed: 0)"},
	}
	packets(t, func(t *testing.T, path string) {
		p := newPacket(t, path)
		for _, c := range cases {
			t.Run(c.name, func(t *testing.T) {
				before := describe(t, p.dir)
				got := p.install(t, c.args...)
				if got.code != c.code || !strings.Contains(got.out+got.err, c.said) {
					t.Errorf("install.sh %q = %v, want %d, %q", c.args, got, c.code, c.said)
				}
				if after := describe(t, p.dir); after != before {
					t.Errorf("install.sh %q leaves %s, want %s", c.args, after, before)
				}
			})
		}
	})
}

func TestInstallBadPacket(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name  string
		spoil func(dir string) error
		said  string
	}{
		{"no binary", func(dir string) error { return os.Remove(dir + "/syn3d") }, "there is no DIR/syn3d: run make"},
		{"no list", func(dir string) error { return os.Remove(dir + "/syn3d.list") }, "DIR/syn3d does not run here, and"},
		{"empty list", func(dir string) error { return os.Truncate(dir+"/syn3d.list", 0) }, "list of names is damaged"},
		{"path in the list", func(dir string) error {
			return os.WriteFile(dir+"/syn3d.list", []byte("svc\n../svok\n"), 0o644)
		}, "list of names is damaged"},
	}
	packets(t, func(t *testing.T, path string) {
		for _, c := range cases {
			t.Run(c.name, func(t *testing.T) {
				p, dir := newPacket(t, path), t.TempDir()
				if err := c.spoil(p.dir); err != nil {
					t.Fatal(err)
				}
				got := p.install(t, "--bindir", dir)
				said := strings.ReplaceAll(got.err, p.dir, "DIR")
				if got.code != 111 || !strings.Contains(said, c.said) {
					t.Errorf("install.sh = %d, %q, want 111, %q", got.code, said, c.said)
				}
				if after := describe(t, dir); after != "" {
					t.Errorf("install.sh leaves %s, want nothing", after)
				}
			})
		}
	})
}

// TestInstallReal installs what make builds: names come from the binary, and a
// later build is known to be one of ours and replaces it while it runs.
func TestInstallReal(t *testing.T) {
	t.Parallel()
	packets(t, func(t *testing.T, path string) {
		p := newPacket(t, path)
		binary, err := os.ReadFile(bin + "/syn3d")
		if err != nil {
			t.Fatal(err)
		}
		p.write(t, "syn3d", string(binary))
		dir, scan := t.TempDir(), t.TempDir()
		if got := p.install(t, "--bindir", dir); got.code != 0 {
			t.Fatalf("install.sh = %v", got)
		}
		want := strings.Fields(run(t, dir, bin+"/syn3d", "--list").out + "syn3d")
		slices.Sort(want)
		if got := fileNames(t, dir); !slices.Equal(got, want) {
			t.Errorf("install.sh installs %q, want %q", got, want)
		}

		svscan := startDaemon(t, scan, dir+"/svscan", scan)
		p.write(t, "syn3d", string(binary)+"\n")
		if got := p.install(t, "--bindir", dir, "-v"); got.code != 0 || !strings.Contains(got.out, "updated "+dir+"/syn3d\n") {
			t.Errorf("install.sh, of a later build, = %v", got)
		}
		if svscan.ended() {
			t.Errorf("svscan has not survived its update")
		}
		if got := p.install(t, "--bindir", dir, "--init"); got.code != 0 {
			t.Errorf("install.sh --init = %v", got)
		}
		for _, a := range applets.All() {
			if a.Group == applets.Machine {
				want = append(want, a.Name)
			}
		}
		slices.Sort(want)
		if got := fileNames(t, dir); !slices.Equal(got, want) {
			t.Errorf("install.sh --init installs %q, want %q", got, want)
		}
		if got := p.install(t, "--bindir", dir, "--uninstall"); got.code != 0 || len(fileNames(t, dir)) > 0 {
			t.Errorf("install.sh --uninstall = %v, and leaves %q", got, fileNames(t, dir))
		}
	})
}

// TestInstallImage installs binaries for another machine in an image: they are
// not run here, by no kernel and by no shell.
func TestInstallImage(t *testing.T) {
	t.Parallel()
	binary, err := os.ReadFile(bin + "/syn3d")
	if err != nil {
		t.Fatal(err)
	}
	foreign := bytes.Clone(binary)
	foreign[18] ^= 0xff // the machine in the ELF header
	binaries := map[string]string{
		"binary":  string(foreign),
		"script":  "#!/bin/sh\n>executed\n" + tool("new"),
		"neither": ">executed\n",
	}
	packets(t, func(t *testing.T, path string) {
		for name, binary := range binaries {
			t.Run(name, func(t *testing.T) {
				p := newPacket(t, path)
				p.write(t, "syn3d", binary)
				if got := p.install(t, "--destdir", "root"); got.code != 0 || got.err != "" {
					t.Errorf("install.sh --destdir = %v", got)
				}
				want := []string{"svc", "svok", "svstat", "syn3d"}
				if got := fileNames(t, p.dir+"/root/usr/local/bin"); !slices.Equal(got, want) {
					t.Errorf("install.sh --destdir installs %q, want %q", got, want)
				}
				want = []string{"install.sh", "root", "syn3d", "syn3d.list"}
				if got := fileNames(t, p.dir); !slices.Equal(got, want) {
					t.Errorf("install.sh --destdir leaves %q where it runs, want %q", got, want)
				}
			})
		}
	})
}

// interrupter runs install.sh with functions in place of the tools that change
// files; in the PATH, busybox's shell would not look for them. Call number AT
// ends in the way HOW, the others do their work.
const interrupter = `
step() {
	calls=$((calls + 1))
	[ "$calls" -eq "$AT" ] || { command "$@"; return; }
	echo reached >&2
	case $HOW in
	failed) return 1 ;;
	killed) command "$@"; kill -9 $$ ;;
	terminated) command "$@"; kill -15 $$ ;;
	esac
}
for tool in chmod cp ln mkdir mv rm sync; do
	eval "$tool() { step $tool \"\$@\"; }"
done
calls=0
. ./install.sh`

// interrupt is install, interrupted.
func (p packet) interrupt(t *testing.T, how string, at int, args ...string) result {
	t.Helper()
	argv := []string{"env", "PATH=" + p.path, "HOW=" + how, fmt.Sprint("AT=", at), "sh", "-c", interrupter, "install.sh"}
	return run(t, p.dir, append(argv, args...)...)
}

var interruptions = []struct {
	name   string
	before string
	args   string
	next   string // the arguments of the run that follows
	after  string
}{
	{"forced", "svc=old svok->svc svstat->nowhere syn3d=old", "--force", "--force",
		"svc->syn3d svc.before-syn3d=old svok->syn3d svok.before-syn3d->svc " +
			"svstat->syn3d svstat.before-syn3d->nowhere syn3d=new syn3d.before-syn3d=old"},
	{"regretted", "svc=old svok->svc svstat->nowhere syn3d=old", "--force", "--uninstall",
		"svc=old svok->svc svstat->nowhere syn3d=old"},
	{"update", "svc->DIR/syn3d svok->syn3d syn3d=older", "", "", whole},
	{"uninstall", "svc->syn3d svc.before-syn3d=old svok->syn3d svok.before-syn3d->svc syn3d=new",
		"--uninstall", "--uninstall", "svc=old svok->svc"},
}

// TestInstallInterrupted interrupts runs at each of their steps. The commands
// that have been there before must work, and the next run succeeds.
func TestInstallInterrupted(t *testing.T) {
	t.Parallel()
	packets(t, func(t *testing.T, path string) {
		for _, c := range interruptions {
			for _, how := range []string{"failed", "killed", "terminated"} {
				t.Run(c.name+"/"+how, func(t *testing.T) {
					t.Parallel()
					p, at := newPacket(t, path), 1
					for p.interruptedAt(t, how, at, c.before, c.args) {
						got := p.install(t, append(strings.Fields(c.next), "--bindir", p.bindir())...)
						if left := describe(t, p.bindir()); got.code != 0 || left != c.after {
							t.Fatalf("after install.sh %s, %s at %d, install.sh %s = %v, and leaves %s, want %s",
								c.args, how, at, c.next, got, left, c.after)
						}
						at++
					}
					if at < 5 {
						t.Errorf("install.sh %s has %d steps, want more", c.args, at-1)
					}
				})
			}
		}
	})
}

// bindir is a directory to install in that is in the packet itself.
func (p packet) bindir() string { return filepath.Join(p.dir, "bin") }

// interruptedAt fills the bindir and interrupts a run that changes it. It
// returns false if the run has ended before.
func (p packet) interruptedAt(t *testing.T, how string, at int, before, args string) bool {
	t.Helper()
	os.RemoveAll(p.bindir())
	populate(t, p.dir, "bin/")
	populate(t, p.bindir(), before)

	got := p.interrupt(t, how, at, append(strings.Fields(args), "--bindir", p.bindir())...)
	for _, name := range []string{"svc", "svok"} {
		works := run(t, p.dir, filepath.Join(p.bindir(), name))
		if !slices.Contains([]string{"old\n", "older\n", "new\n"}, works.out) {
			t.Errorf("after install.sh %s, %s at %d, with %q: %s = %v", args, how, at, got.err, name, works)
		}
	}
	if left := describe(t, p.bindir()); how == "terminated" && strings.Contains(left, ".syn3d.new.") {
		t.Errorf("install.sh %s, %s at %d, leaves %s", args, how, at, left)
	}
	return strings.Contains(got.err, "reached")
}
