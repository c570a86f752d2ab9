package integration

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"
)

// A browser is one that is driven by the protocol WebDriver, and by that of
// Chromium's developer tools where WebDriver has nothing.
type browser struct {
	t       *testing.T
	session string // its URL
	origin  string // of what is looked at, "http://host:port"
}

// elementKey is what WebDriver calls a reference to an element.
const elementKey = "element-6066-11e4-a52e-4f735466cecf"

// The keys that have no character, as WebDriver has them.
const (
	tabKey   = "\ue004"
	enterKey = "\ue007"
	spaceKey = " "
)

// startBrowser starts Debian's Chromium for the time of the test.
func startBrowser(t *testing.T) *browser {
	t.Helper()
	driver := startDaemon(t, "/", installed(t, "/usr/bin/chromedriver", "chromium-driver"), "--port=0")
	started := regexp.MustCompile(`started successfully on port (\d+)\.`)
	eventually(t, "the driver listens", func() bool { return started.MatchString(driver.said()) })
	b := &browser{t: t, session: "http://127.0.0.1:" + started.FindStringSubmatch(driver.said())[1] + "/session"}
	var session struct{ SessionID string }
	b.call("POST", "", object{"capabilities": object{"alwaysMatch": object{
		"goog:loggingPrefs": object{"browser": "ALL", "performance": "ALL"},
		"goog:chromeOptions": object{
			"binary": installed(t, "/usr/bin/chromium", "chromium"),
			"args": []string{
				"--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
				"--disable-background-networking", "--disable-component-update", "--disable-sync",
				"--lang=en", "--window-size=1366,900", "--user-data-dir=" + t.TempDir(),
			},
		},
	}}}, &session)
	b.session += "/" + session.SessionID
	t.Cleanup(func() { b.call("DELETE", "", nil, nil) })
	return b
}

// An object is one of JSON.
type object = map[string]any

// in returns the browser for a subtest.
func (b *browser) in(t *testing.T) *browser {
	return &browser{t, b.session, b.origin}
}

// try has the driver do something, and decodes the value of its answer.
func (b *browser) try(method, path string, body object, value any) error {
	if body == nil {
		body = object{}
	}
	text, err := json.Marshal(body)
	if err != nil {
		return err
	}
	request, err := http.NewRequest(method, b.session+path, bytes.NewReader(text))
	if err != nil {
		return err
	}
	client := http.Client{Timeout: time.Minute}
	response, err := client.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	if err != nil {
		return err
	}
	if response.StatusCode != http.StatusOK {
		var failed struct {
			Value struct{ Error, Message string }
		}
		json.Unmarshal(answer, &failed)
		return fmt.Errorf("%s: %s", failed.Value.Error, failed.Value.Message)
	}
	return json.Unmarshal(answer, &struct{ Value any }{value})
}

// call does it, and ends the test if that fails.
func (b *browser) call(method, path string, body object, value any) {
	b.t.Helper()
	if err := b.try(method, path, body, value); err != nil {
		b.t.Fatalf("%s %s %v: %v", method, path, body, err)
	}
}

// tools has the developer tools do something.
func (b *browser) tools(command string, parameters object, value any) {
	b.t.Helper()
	b.call("POST", "/goog/cdp/execute", object{"cmd": command, "params": parameters}, value)
}

// open goes to a page and waits until it is loaded.
func (b *browser) open(path string) {
	b.t.Helper()
	b.call("POST", "/url", object{"url": b.origin + path}, nil)
}

// path returns that of the page that is shown.
func (b *browser) path() string {
	b.t.Helper()
	var url string
	b.call("GET", "/url", nil, &url)
	return strings.TrimPrefix(url, b.origin)
}

// eval returns the value of an expression of JavaScript.
func eval[T any](b *browser, expression string) (value T) {
	b.t.Helper()
	b.call("POST", "/execute/sync", object{"script": "return " + expression, "args": []any{}}, &value)
	return value
}

// await waits until an expression holds. On a page that is just being left
// there is none.
func (b *browser) await(expression string) {
	b.t.Helper()
	eventually(b.t, expression, func() bool {
		holds := false
		err := b.try("POST", "/execute/sync", object{"script": "return !!(" + expression + ")", "args": []any{}}, &holds)
		return err == nil && holds
	})
}

// act waits until something can be done with an element: it may be about to
// appear, or be replaced by another one.
func (b *browser) act(css, what string, body object) {
	b.t.Helper()
	var err error
	defer func() {
		if err != nil {
			b.t.Log(err)
		}
	}()
	eventually(b.t, what+" of "+css, func() bool {
		found := map[string]string{}
		err = b.try("POST", "/element", object{"using": "css selector", "value": css}, &found)
		if err == nil {
			err = b.try("POST", "/element/"+found[elementKey]+"/"+what, body, nil)
		}
		return err == nil
	})
}

func (b *browser) click(css string) { b.t.Helper(); b.act(css, "click", nil) }

// fill types a text into a field, in place of what is there.
func (b *browser) fill(css, text string) {
	b.t.Helper()
	b.act(css, "clear", nil)
	b.act(css, "value", object{"text": text})
}

// press presses a key, wherever the focus is.
func (b *browser) press(key string) {
	b.t.Helper()
	b.call("POST", "/actions", object{"actions": []object{{"type": "key", "id": "keyboard", "actions": []object{
		{"type": "keyDown", "value": key}, {"type": "keyUp", "value": key},
	}}}}, nil)
}

// A logEntry is a line of one of the browser's logs.
type logEntry struct{ Level, Message string }

// log returns what a log of the browser has since the last time: "browser" are
// the lines of its console, "performance" events of the developer tools.
func (b *browser) log(kind string) (entries []logEntry) {
	b.t.Helper()
	b.call("POST", "/se/log", object{"type": kind}, &entries)
	return entries
}

// screenshot writes what is seen to a file, if somebody wants to have it.
func (b *browser) screenshot(name string) {
	b.t.Helper()
	dir := os.Getenv("SCREENSHOTS")
	if dir == "" {
		return
	}
	var text string
	b.call("GET", "/screenshot", nil, &text)
	image, err := base64.StdEncoding.DecodeString(text)
	check(b.t, err)
	check(b.t, os.WriteFile(dir+"/"+name+".png", image, 0o644))
}
