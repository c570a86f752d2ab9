// The pages work without this. With it they are live: what changes on the
// server changes here, times are those of the reader, and actions tell how they
// go without leaving the page.
"use strict";

const root = document.documentElement;
const find = (selector, within = document) => within.querySelector(selector);
const all = (selector, within = document) => [...within.querySelectorAll(selector)];

// ---- Times. The server's clock counts, which may not be that of the reader.

let skew = root.dataset.now - Date.now();
const now = () => Date.now() + skew;
const units = root.dataset.units.split(" ");
const relative = new Intl.RelativeTimeFormat(root.lang);
const justNow = new Intl.RelativeTimeFormat(root.lang, { numeric: "auto" }).format(0, "second");

// lasting writes a duration in its two largest units, as the server does.
function lasting(ms) {
  const n = Math.max(0, Math.floor(ms / 1000));
  const parts = [Math.floor(n / 86400), Math.floor(n / 3600) % 24, Math.floor(n / 60) % 60, n % 60];
  const first = n < 60 ? 3 : parts.findIndex(Boolean);
  const shown = [first, first + 1].filter((i) => i === first || parts[i]);
  return shown.map((i) => parts[i] + " " + units[i]).join(" ");
}

function ago(ms) {
  const n = Math.max(0, Math.floor(ms / 1000));
  if (n < 1) return justNow;
  if (n < 60) return relative.format(-n, "second");
  if (n < 3600) return relative.format(-Math.floor(n / 60), "minute");
  if (n < 86400) return relative.format(-Math.floor(n / 3600), "hour");
  return relative.format(-Math.floor(n / 86400), "day");
}

function clock(stamp) {
  const t = new Date(stamp);
  const two = (n) => String(n).padStart(2, "0");
  const fraction = stamp.includes(".") ? "." + String(t.getMilliseconds()).padStart(3, "0") : "";
  return `${t.getFullYear()}-${two(t.getMonth() + 1)}-${two(t.getDate())} ` +
    `${two(t.getHours())}:${two(t.getMinutes())}:${two(t.getSeconds())}${fraction}`;
}

function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

// A time is shown as what its attribute says, else as how long it lasts.
function setTime(t) {
  const since = now() - Date.parse(t.dateTime);
  setText(t, "clock" in t.dataset ? clock(t.dateTime) : "ago" in t.dataset ? ago(since) : lasting(since));
}

const setTimes = (within) => all("time", within).forEach(setTime);

// tick lets time go on. The times of day do not, nor does a page nobody sees.
function tick() {
  if (!document.hidden) all("time:not([data-clock])").forEach(setTime);
}

// ---- Changes of the page. What comes from the server is HTML that it has
// escaped; it is compared with what there is, so that focus and selection stay.

function parse(html) {
  const template = document.createElement("template");
  template.innerHTML = html;
  setTimes(template.content);
  setRoles(template.content);
  return template.content;
}

// setRoles says what the parts of a table are: some browsers forget it where
// they are shown as cards.
function setRoles(within) {
  const roles = { table: "table", "thead, tbody": "rowgroup", tr: "row", td: "cell", "[scope=row]": "rowheader", "[scope=col]": "columnheader" };
  for (const [selector, role] of Object.entries(roles)) for (const part of all(selector, within)) part.role = role;
}

// sameKind: a button must not become another one under the finger.
const sameKind = (a, b) => a.nodeName === b.nodeName && a.dataset?.action === b.dataset?.action;

function morph(old, fresh) {
  if (!sameKind(old, fresh)) return old.replaceWith(fresh);
  if (old.nodeType === Node.TEXT_NODE) {
    if (old.data !== fresh.data) old.data = fresh.data;
    return;
  }
  for (const { name } of [...old.attributes]) if (!fresh.hasAttribute(name)) old.removeAttribute(name);
  for (const { name, value } of fresh.attributes) if (old.getAttribute(name) !== value) old.setAttribute(name, value);
  morphChildren(old, fresh);
}

function morphChildren(old, fresh) {
  const have = [...old.childNodes];
  const want = [...fresh.childNodes];
  want.forEach((node, i) => (i < have.length ? morph(have[i], node) : old.append(node)));
  have.slice(want.length).forEach((node) => node.remove());
}

// change makes a change, and does not leave the focus on something that it has
// removed: it goes to what can be done next, near to it.
function change(place, make) {
  const focused = document.activeElement;
  const inside = place.contains(focused);
  make();
  if (inside && !focused.isConnected) find("button:not([role]), a", place)?.focus();
}

// ---- Events. A stream is open while the page is seen. It beats, so that a
// connection that was lost in silence is noticed, too.

const connection = find("#connection");
const patience = 75e3;
const lostStreams = new Set();

function showConnection() {
  const { lost, restored } = connection.dataset;
  connection.classList.toggle("lost", lostStreams.size);
  setText(connection, lostStreams.size ? lost : connection.textContent && restored);
}

function listen(url, handlers) {
  let source, timer, failures = 0;
  const close = () => { source?.close(); source = undefined; clearTimeout(timer); };
  const heard = () => {
    clearTimeout(timer);
    timer = setTimeout(lost, patience);
    failures = 0;
    if (lostStreams.delete(url)) showConnection();
  };
  const lost = () => {
    close();
    failures++;
    lostStreams.add(url);
    showConnection();
    timer = setTimeout(retry, Math.min(30e3, 500 * 2 ** failures));
  };
  // A session that has ended is no lost connection: the form to log in is next.
  const retry = () => fetch(location.href, { method: "HEAD", headers: { Accept: "text/html" } })
    .then((answer) => (answer.redirected ? location.reload() : open()), lost);
  const open = () => {
    close();
    source = new EventSource(url);
    source.onerror = lost;
    source.addEventListener("ended", lost);
    source.addEventListener("beat", (event) => { skew = event.data - Date.now(); heard(); });
    for (const [name, handle] of Object.entries(handlers)) {
      source.addEventListener(name, (event) => { heard(); handle(event.data); });
    }
  };
  const follow = () => (document.hidden ? close() : open());
  document.addEventListener("visibilitychange", follow);
  follow();
  return () => { document.removeEventListener("visibilitychange", follow); close(); };
}

// ---- The list.

function liveList(table) {
  const body = table.tBodies[0];
  let waiting; // changes, while the list is loaded anew
  const matches = liveFilter(body);
  const rowOf = (name) => find(`tr[data-service="${CSS.escape(name)}"]`, body);
  const later = (handle) => (data) => (waiting ? waiting.push(() => handle(data)) : handle(data));

  function row(html) {
    const fresh = parse(html).firstElementChild;
    const old = rowOf(fresh.dataset.service);
    fresh.hidden = !matches(fresh);
    if (!old) {
      find(".none")?.remove();
      body.insertBefore(fresh, [...body.rows].find((r) => r.dataset.service > fresh.dataset.service) ?? null);
      return;
    }
    if (old.dataset.condition !== fresh.dataset.condition) announce(fresh);
    change(old, () => morph(old, fresh));
  }

  async function seen(digest) {
    if (digest === table.dataset.seen) return;
    waiting = [];
    try {
      const page = parse(await (await fetch(location.href)).text());
      const fresh = find("#services", page);
      for (const r of fresh.tBodies[0].rows) r.hidden = !matches(r);
      change(body, () => morphChildren(body, fresh.tBodies[0]));
      morphChildren(find("#summary"), find("#summary", page));
    } finally {
      const queued = waiting;
      waiting = undefined;
      queued.forEach((handle) => handle());
    }
  }

  listen(table.dataset.events, {
    seen, row: later(row),
    gone: later((name) => rowOf(JSON.parse(name))?.remove()),
    summary: later((html) => morphChildren(find("#summary"), parse(html))),
  });
}

// announce tells a screen reader of a service that is in another condition, but
// not of each turn of one that crashes again and again.
const announced = new Map();
function announce(row) {
  const name = row.dataset.service;
  if (now() - (announced.get(name) ?? 0) < 60e3) return;
  announced.set(name, now());
  find("#news").textContent = name + ": " + find(".badge", row).textContent;
}

// liveFilter makes the filter work, and returns whether a row passes it.
function liveFilter(body) {
  const form = find("#filter"), input = find("input", form), output = find("output", form);
  const text = (row) => [0, 1, 3].map((i) => row.cells[i].textContent).join(" ").toLowerCase();
  const matches = (row) => text(row).includes(input.value.trim().toLowerCase());
  form.hidden = false;
  form.addEventListener("submit", (event) => event.preventDefault());
  input.addEventListener("input", () => {
    let shown = 0;
    for (const row of body.rows) shown += !(row.hidden = !matches(row));
    output.textContent = input.value.trim() ? output.dataset.text + " " + shown : "";
  });
  return matches;
}

// ---- The page of a service.

function liveService(place) {
  const into = (id) => (html) => change(find(id), () => morphChildren(find(id), parse(html)));
  const gone = find("#gone");
  listen(place.dataset.events, {
    now: (html) => { gone.hidden = true; into("#now")(html); },
    recent: into("#recent"),
    gone: () => { gone.hidden = false; gone.textContent = gone.dataset.text; },
  });
}

// ---- A log. It scrolls along as long as its end is seen.

function liveLog(list) {
  const atEnd = () => list.scrollHeight - list.scrollTop - list.clientHeight < 40;
  const toEnd = () => { list.scrollTop = list.scrollHeight; };
  function add(html) {
    const stay = !atEnd();
    list.append(parse(html));
    while (list.children.length > list.dataset.keep) list.firstElementChild.remove();
    if (list.children.length) find("#no-lines")?.remove();
    if (!stay) toEnd();
  }
  const first = (html) => { list.replaceChildren(); add(html); toEnd(); };
  const start = () => listen(list.dataset.tail, { first, lines: add });
  let stop = start();
  toEnd();
  const button = find("#follow");
  if (!button) return;
  button.hidden = button.labels[0].hidden = false;
  button.addEventListener("click", () => {
    const on = button.ariaChecked !== "true";
    button.ariaChecked = String(on);
    stop = on ? start() : stop();
  });
}

// ---- Actions. The server answers with pieces of HTML, each a JSON string in a
// line, as there is something to tell.

const busy = new Set();

async function* linesOf(answer) {
  let text = "";
  for await (const part of answer.body.pipeThrough(new TextDecoderStream())) {
    const lines = (text + part).split("\n");
    text = lines.pop();
    yield* lines;
  }
}

function newReport() {
  for (const old of all("#work article")) if (find("[data-ok=true]", old)) old.remove();
  const report = document.createElement("article");
  const close = document.createElement("button");
  close.textContent = find("#work").dataset.close;
  close.dataset.action = "close";
  close.addEventListener("click", () => report.remove());
  report.append(close);
  find("#work").append(report);
  return report;
}

// tell adds a piece. A line that begins as the one before it ends that one.
function tell(report, piece) {
  const last = report.lastElementChild;
  const fresh = parse(piece).firstElementChild;
  if (last.className === "line" && fresh.textContent.startsWith(last.textContent)) last.replaceWith(fresh);
  else report.append(fresh);
  report.scrollTop = report.scrollHeight;
}

function fail(report, text) {
  const p = document.createElement("p");
  p.className = "outcome failed";
  p.dataset.ok = "false";
  p.textContent = text;
  report.append(p);
}

async function perform(url, form) {
  const report = newReport();
  try {
    const answer = await fetch(url, {
      method: "POST", body: new URLSearchParams(new FormData(form)),
      headers: { Accept: "application/x-html-pieces" },
    });
    const type = answer.headers.get("Content-Type");
    if (!type.startsWith("application/x-html-pieces")) return fail(report, await answer.text());
    for await (const line of linesOf(answer)) tell(report, JSON.parse(line));
    if (!find("[data-ok]", report)) fail(report, form.dataset.unanswered);
  } catch {
    fail(report, form.dataset.unanswered);
  }
}

// A second click while the first is being carried out would mean whatever the
// button has become meanwhile.
document.addEventListener("submit", async (event) => {
  if (event.target.id !== "act") return;
  event.preventDefault();
  const url = event.submitter.formAction;
  const service = url.replace(/\/[^/]*$/, "");
  if (busy.has(service)) return;
  busy.add(service);
  await perform(url, event.target);
  busy.delete(service);
});
document.addEventListener("click", (event) => {
  if (event.detail > 1 && event.target.matches("button[form=act]")) event.preventDefault();
});

// ---- Begin.

setTimes(document);
setRoles(document);
setInterval(tick, 1000);
const zone = find("#zone");
if (zone) zone.textContent = Intl.DateTimeFormat().resolvedOptions().timeZone;
const table = find("#services"), service = find(".service[data-events]"), tail = find("[data-tail]");
if (table) liveList(table);
if (service) liveService(service);
if (tail) liveLog(tail);
