package integration

import (
	"fmt"
	"slices"
	"strings"
)

// testPages looks at all pages as different people see them: with a screen
// reader, a telephone, in the dark, in Dutch.
func testPages(b *browser, _ string) {
	views := []struct {
		name, scheme, language string
		telephone              bool
	}{
		{"light", "light", "en", false},
		{"dark", "dark", "en", false},
		{"telephone", "light", "nl", true},
	}
	grounds := map[string]string{}
	defer b.tools("Emulation.setEmulatedMedia", object{"features": []object{}}, nil)
	defer b.tools("Emulation.clearDeviceMetricsOverride", object{}, nil)
	defer b.tools("Emulation.setTouchEmulationEnabled", object{"enabled": false}, nil)
	defer b.tools("Network.setExtraHTTPHeaders", object{"headers": object{}}, nil)
	for _, v := range views {
		b.tools("Emulation.setEmulatedMedia", object{"features": []object{{"name": "prefers-color-scheme", "value": v.scheme}}}, nil)
		b.tools("Network.setExtraHTTPHeaders", object{"headers": object{"Accept-Language": v.language}}, nil)
		if v.telephone {
			b.setWidth(telephone)
			b.tools("Emulation.setTouchEmulationEnabled", object{"enabled": true}, nil)
		}
		b.signIn("anna")
		for _, p := range []struct{ name, path string }{
			{"list", "/"}, {"service", "/services/nginx"}, {"log", "/services/speaker/log"}, {"none", "/services/none"},
		} {
			b.look(p.name, v.name, p.path, v.language)
		}
		b.call("DELETE", "/cookie", nil, nil)
		b.look("login", v.name, "/login", v.language)
		grounds[v.scheme] = eval[string](b, "getComputedStyle(document.documentElement).backgroundColor")
	}
	if grounds["light"] == grounds["dark"] {
		b.t.Errorf("dark and light are both %s", grounds["dark"])
	}
}

// telephone is the width of one.
const telephone = 390

// setWidth has pages seen on a device that is so wide.
func (b *browser) setWidth(width int) {
	b.t.Helper()
	b.tools("Emulation.setDeviceMetricsOverride", object{"width": width, "height": 844, "deviceScaleFactor": 2, "mobile": true}, nil)
}

// look looks at a page in one view.
func (b *browser) look(name, view, path, language string) {
	b.t.Helper()
	b.open(path)
	b.screenshot(name + "-" + view)
	wrong := func(format string, args ...any) { b.t.Errorf("%s, %s: %s", name, view, fmt.Sprintf(format, args...)) }
	if got := eval[string](b, "document.documentElement.lang"); got != language {
		wrong("the language is %q, want %q", got, language)
	}
	if view == "telephone" {
		for _, width := range []int{320, 768, 1265, 1366, telephone} {
			b.setWidth(width)
			if got := eval[int](b, "document.scrollingElement.scrollWidth"); got > width {
				wrong("at a width of %d it has to be scrolled sideways, since it has %d", width, got)
			}
		}
	}
	for _, problem := range eval[[]string](b, pageProblems) {
		wrong("%s", problem)
	}
	for _, problem := range b.treeProblems(name) {
		wrong("%s", problem)
	}
}

// pageProblems is an expression for what is wrong with a page: what can be told
// from its elements and styles. Contrast is that of WCAG 2, of the colours that
// are there when everything below the text has been painted.
const pageProblems = `(() => {
	const problems = [];
	const ids = [...document.querySelectorAll("[id]")].map(e => e.id);
	for (const id of ids) if (ids.indexOf(id) != ids.lastIndexOf(id)) problems.push("there are two of #" + id);
	for (const e of document.querySelectorAll("[tabindex]"))
		if (e.tabIndex > 0) problems.push("the order of the focus is not that of the page: " + e.outerHTML);
	if (!document.title.trim()) problems.push("there is no title");

	const canvas = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
	const paint = (color) => {
		canvas.fillStyle = color;
		canvas.fillRect(0, 0, 1, 1);
		return canvas.getImageData(0, 0, 1, 1).data;
	};
	const luminance = (color) => {
		const [r, g, b] = [...color].map(c => c / 255).map(c => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
		return 0.2126 * r + 0.7152 * g + 0.0722 * b;
	};
	const contrast = (element, color) => {
		const below = [];
		for (let e = element; e; e = e.parentElement) below.unshift(getComputedStyle(e).backgroundColor);
		const ground = luminance(below.map(paint).at(-1));
		const text = luminance(paint(color));
		return (Math.max(ground, text) + 0.05) / (Math.min(ground, text) + 0.05);
	};
	const told = new Set();
	const checkContrast = (element, color, text) => {
		const got = contrast(element, color).toFixed(2);
		if (got < 4.5 && !told.has(got)) problems.push("the contrast of \"" + text + "\" is only " + got);
		told.add(got);
	};
	const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
	while (texts.nextNode()) {
		const text = texts.currentNode.data.trim(), parent = texts.currentNode.parentElement;
		if (text && parent.checkVisibility()) checkContrast(parent, getComputedStyle(parent).color, text);
	}
	for (const e of document.querySelectorAll("[placeholder]"))
		checkContrast(e, getComputedStyle(e, "::placeholder").color, e.placeholder);
	return problems;
})()`

// A node is one of the tree that a screen reader is given.
type node struct {
	Ignored    bool
	Role, Name struct{ Value any }
	Properties []struct {
		Name  string
		Value struct{ Value any }
	}
}

func (n *node) role() string { return fmt.Sprint(n.Role.Value) }

func (n *node) property(name string) string {
	for _, p := range n.Properties {
		if p.Name == name {
			return fmt.Sprint(p.Value.Value)
		}
	}
	return ""
}

// treeProblems tells what is wrong with a page for who does not see it.
func (b *browser) treeProblems(page string) (problems []string) {
	b.t.Helper()
	var tree struct{ Nodes []node }
	b.tools("Accessibility.getFullAXTree", object{}, &tree)
	named := []string{"button", "link", "switch", "textbox", "searchbox", "combobox", "table", "columnheader", "rowheader", "log", "image", "region"}
	count := map[string]int{}
	for _, n := range tree.Nodes {
		if n.Ignored {
			continue
		}
		count[n.role()+n.property("level")]++
		if name, _ := n.Name.Value.(string); slices.Contains(named, n.role()) && strings.TrimSpace(name) == "" {
			problems = append(problems, "a "+n.role()+" has no name")
		}
	}
	for _, want := range wantedRoles[page] {
		if count[want] == 0 {
			problems = append(problems, "there is no "+want)
		}
	}
	for _, single := range []string{"heading1", "main"} {
		if count[single] != 1 {
			problems = append(problems, fmt.Sprintf("of %s there are %d", single, count[single]))
		}
	}
	return problems
}

// wantedRoles are what has to be on which page.
var wantedRoles = map[string][]string{
	"login":   {"textbox", "button", "status"},
	"list":    {"banner", "navigation", "contentinfo", "search", "table", "columnheader", "rowheader", "switch", "status", "log"},
	"service": {"banner", "navigation", "contentinfo", "heading2", "switch", "button", "status", "log"},
	"log":     {"banner", "navigation", "contentinfo", "search", "searchbox", "combobox", "status", "log"},
	"none":    {"banner", "navigation", "contentinfo", "link", "status"},
}
