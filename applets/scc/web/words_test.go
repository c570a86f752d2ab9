package web

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"syn3d/applets/scc/agent"
)

func TestWordsInAllLanguages(t *testing.T) {
	verbs := regexp.MustCompile(`%[a-z]`)
	for key, in := range words() {
		for i, text := range in {
			if strings.TrimSpace(text) == "" || text != strings.TrimSpace(text) {
				t.Errorf("%s is %q in %s", key, text, languages[i].Tag)
			}
			if got, want := verbs.FindAllString(text, -1), verbs.FindAllString(in[0], -1); !slices.Equal(got, want) {
				t.Errorf("%s has %q in %s, %q in %s", key, got, languages[i].Tag, want, languages[0].Tag)
			}
		}
	}
}

// TestWordsUsed looks for keys in templates and sources: each that is used has
// words, and each that has words is used.
func TestWordsUsed(t *testing.T) {
	used := derivedKeys()
	inTemplate := regexp.MustCompile(`\{\{[^}]*?\(?\bt "(\w+)"`)
	counted := regexp.MustCompile(`(?:count|\.count\() ?"(\w+)"`)
	inSource := regexp.MustCompile(`(?:\.word\(|\.page\(r, |Key: |two\([^"]*|, )"(\w+)"`)
	for name, text := range sources(t) {
		in := inSource
		if strings.HasSuffix(name, ".html") {
			in = inTemplate
		}
		for _, found := range in.FindAllStringSubmatch(text, -1) {
			if _, known := words()[found[1]]; known || in == inTemplate {
				used[found[1]] = name
			}
		}
		for _, found := range counted.FindAllStringSubmatch(text, -1) {
			used[found[1]+"_one"], used[found[1]+"_many"] = name, name
		}
	}
	for key, where := range used {
		if _, known := words()[key]; !known {
			t.Errorf("%s uses %s, which has no words", where, key)
		}
	}
	for key := range words() {
		if used[key] == "" {
			t.Errorf("nothing uses %s", key)
		}
	}
}

// derivedKeys are the keys that are put together from what the agent tells.
func derivedKeys() map[string]string {
	used := map[string]string{string(refused): "login", string(tooFast): "login"}
	for _, c := range worstFirst() {
		used[string(c)], used[string(c)+"_means"] = "condition", "condition"
	}
	for _, a := range agent.Actions() {
		used[string(a)+"_doing"], used[string(a)+"_done"] = "action", "action"
	}
	for _, h := range []agent.Happening{
		agent.CameUp, agent.WentDown, agent.WasVerified, agent.DidNotWork,
		agent.WasReported, agent.WasEnabled, agent.WasDisabled, agent.WasAsked,
	} {
		used["happened_"+string(h)] = "happening"
	}
	for _, key := range []string{
		"want_up", "want_down", "want_once", "boot_up", "boot_down",
		"reason_svcstart", "reason_boot", "reason_crash",
	} {
		used[key] = "state"
	}
	return used
}

func sources(t *testing.T) map[string]string {
	texts := map[string]string{}
	err := filepath.WalkDir(".", func(path string, entry fs.DirEntry, err error) error {
		name := entry.Name()
		if strings.HasSuffix(name, ".html") || strings.HasSuffix(name, ".go") && !strings.HasSuffix(name, "_test.go") && name != "words.go" {
			text, err := os.ReadFile(path)
			texts[path] = string(text)
			return err
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return texts
}

func TestLanguageOf(t *testing.T) {
	tests := []struct{ accept, want string }{
		{"", "en"},
		{"nl", "nl"},
		{"nl-BE", "nl"},
		{"NL-nl,nl;q=0.9,en;q=0.8", "nl"},
		{"en-GB,nl;q=0.9", "en"},
		{"en;q=0.3, nl;q=0.7", "nl"},
		{"fr,de;q=0.9,nl;q=0.2", "nl"},
		{"fr", "en"},
		{"nl;q=0", "en"},
		{"nl;q=x,;;,=", "en"},
		{"nld", "en"},
		{"*", "en"},
	}
	for _, test := range tests {
		if got := languageOf(test.accept).Tag; got != test.want {
			t.Errorf("languageOf(%q) = %s, want %s", test.accept, got, test.want)
		}
	}
}

func TestLasting(t *testing.T) {
	tests := []struct {
		seconds int
		en, nl  string
	}{
		{-5, "0 s", "0 s"},
		{0, "0 s", "0 s"},
		{59, "59 s", "59 s"},
		{60, "1 min", "1 min"},
		{61, "1 min 1 s", "1 min 1 s"},
		{3600, "1 h", "1 u"},
		{3660, "1 h 1 min", "1 u 1 min"},
		{86399, "23 h 59 min", "23 u 59 min"},
		{86400 + 59, "1 d", "1 d"},
		{100 * 86400, "100 d", "100 d"},
		{100*86400 + 7200, "100 d 2 h", "100 d 2 u"},
	}
	for _, test := range tests {
		d := time.Duration(test.seconds) * time.Second
		if en, nl := english.lasting(d), dutch.lasting(d); en != test.en || nl != test.nl {
			t.Errorf("lasting(%s) = %q, %q, want %q, %q", d, en, nl, test.en, test.nl)
		}
	}
}

func TestAgo(t *testing.T) {
	tests := []struct {
		seconds int
		en, nl  string
	}{
		{-100, "now", "nu"},
		{0, "now", "nu"},
		{1, "1 second ago", "1 seconde geleden"},
		{59, "59 seconds ago", "59 seconden geleden"},
		{119, "1 minute ago", "1 minuut geleden"},
		{120, "2 minutes ago", "2 minuten geleden"},
		{3600, "1 hour ago", "1 uur geleden"},
		{7200, "2 hours ago", "2 uur geleden"},
		{86400, "1 day ago", "1 dag geleden"},
		{400 * 86400, "400 days ago", "400 dagen geleden"},
	}
	for _, test := range tests {
		d := time.Duration(test.seconds) * time.Second
		if en, nl := english.ago(d), dutch.ago(d); en != test.en || nl != test.nl {
			t.Errorf("ago(%s) = %q, %q, want %q, %q", d, en, nl, test.en, test.nl)
		}
	}
}

func TestSize(t *testing.T) {
	tests := []struct {
		bytes  uint64
		en, nl string
	}{
		{0, "0 B", "0 B"},
		{999, "999 B", "999 B"},
		{1000, "1.0 KiB", "1,0 KiB"},
		{10 << 20, "10 MiB", "10 MiB"},
		{1000 << 20, "1.0 GiB", "1,0 GiB"},
		{1<<64 - 1, "16777216 TiB", "16777216 TiB"},
	}
	for _, test := range tests {
		if en, nl := english.size(test.bytes), dutch.size(test.bytes); en != test.en || nl != test.nl {
			t.Errorf("size(%d) = %q, %q, want %q, %q", test.bytes, en, nl, test.en, test.nl)
		}
	}
}

func TestCount(t *testing.T) {
	for n, want := range map[int]string{0: "0 services", 1: "1 service", 2: "2 services"} {
		if got := english.count("total", n); got != want {
			t.Errorf("count(%d) = %q, want %q", n, got, want)
		}
	}
}
