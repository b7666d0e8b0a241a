// The view of the calls: newest first, a line each, at most 500 of them in the page.

import { get } from "./api.js";
import { showCall } from "./call.js";
import { copyable, count, h, plural, time, visible } from "./dom.js";
import { fields, NAMES, passes } from "./filter.js";
import * as url from "./url.js";

const ROWS_MAX = 500;
const ROWS_IN_BURST = 100; // while so many calls come between two drawings: nobody reads the others then
const CALM_MS = 3000; // after a burst, until the list is whole again: longer than from one drawing to the next
const SLICE_MS = 12; // of a search: then keys and new calls have their turn
// How long new calls wait at most until the list is drawn with them, so that the mock has the processor: for each call of
// the last time, and at least.
const DRAW_MS_EACH = 4;
const DRAW_MS = 250;

export class Calls {
  constructor(store) {
    this.store = store;
    this.opened = h("section", { class: "opened", "aria-label": "The opened call", hidden: true });
    this.list = h("ol", { class: "calls", "aria-label": "Calls, newest first" });
    this.note = h("p", { class: "soft", id: "shown" });
    this.first = h("div", { hidden: true });
    this.passes = passes({});
    this.address = "#";
    this.search = null; // the one that goes on
    this.matching = 0;
    this.paused = null; // the calls that arrived while the list stands still
    this.undrawn = []; // those that have arrived since the list was last drawn
    this.drawAfter = 0;
    this.drawing = null;
    this.pause = h("button", { type: "button", "aria-pressed": "false", onclick: () => this.#togglePause() }, "Pause");
    this.filter = fields({
      workspace: () => this.#distinct("workspace"),
      operation: () => this.#distinct("operation"),
      rule: () => this.#distinct("rule"),
    });
    this.element = h(
      "div",
      { class: "view" },
      h("h2", {}, "Calls"),
      this.filter.form,
      this.opened,
      h("div", { class: "bar" }, this.note, this.pause),
      h("div", { class: "row head", "aria-hidden": "true" }, HEAD.map((each) => h("span", {}, each))),
      this.list,
      this.first,
    );
    this.list.addEventListener("click", (event) => this.#open(event));
    addEventListener("keydown", (event) => this.#key(event));
  }

  /** Show what the address asks for. */
  show(state) {
    this.filter.show(state);
    const filter = JSON.stringify(NAMES.map((name) => state[name] ?? ""));
    if (filter !== this.shownFilter) {
      this.shownFilter = filter;
      this.passes = passes(state);
      this.refresh();
    }
    if (state.open !== this.shownOpen) this.#showOpened(state.open);
  }

  /** Draw the whole list again: the newest at once, the others in slices of time. */
  refresh() {
    this.address = url.withChanges({ open: "" });
    this.matching = 0;
    this.undrawn = [];
    this.search = { next: this.store.lines.length - 1, dropped: this.store.dropped };
    this.#step(this.search, (rows) => this.list.replaceChildren(...rows));
  }

  #step(search, show) {
    if (search !== this.search) return; // there is a newer one
    const { lines, dropped } = this.store;
    search.next -= dropped - search.dropped; // the oldest lines may have gone meanwhile
    search.dropped = dropped;
    const rows = [];
    const left = ROWS_MAX - (this.matching ? this.list.childElementCount : 0);
    const until = performance.now() + SLICE_MS;
    for (; search.next >= 0 && performance.now() < until; search.next--) {
      const line = lines[search.next];
      if (!this.passes(line)) continue;
      this.matching++;
      if (rows.length < left) rows.push(this.#row(line));
    }
    show(rows);
    if (search.next >= 0) setTimeout(() => this.#step(search, (more) => this.list.append(...more)));
    else this.search = null;
    this.#say();
  }

  /** Show calls that have just arrived, oldest first. */
  arrived(lines) {
    if (this.paused) {
      this.paused.push(...lines);
      this.#say();
      return;
    }
    this.undrawn.push(...lines);
    this.drawing ??= setTimeout(() => this.#draw(), Math.max(0, this.drawAfter - performance.now()));
  }

  #draw() {
    const fitting = this.undrawn.filter(this.passes);
    this.undrawn = [];
    clearTimeout(this.drawing);
    this.drawing = null;
    this.drawAfter = performance.now() + Math.max(DRAW_MS, DRAW_MS_EACH * Math.min(fitting.length, ROWS_MAX));
    if (fitting.length) {
      this.matching += fitting.length;
      const isBurst = fitting.length > ROWS_IN_BURST && !this.search;
      const rows = fitting.slice(isBurst ? -ROWS_IN_BURST : -ROWS_MAX).reverse().map((line) => this.#row(line));
      if (isBurst) {
        this.list.replaceChildren(...rows);
        clearTimeout(this.calm);
        this.calm = setTimeout(() => this.paused || this.refresh(), CALM_MS);
      } else {
        this.list.prepend(...rows);
        while (this.list.childElementCount > ROWS_MAX) this.list.lastElementChild.remove();
      }
    }
    this.#say();
  }

  /** The state of the store has changed altogether. */
  replaced() {
    this.paused &&= [];
    this.refresh();
    if (this.shownOpen) this.#showOpened(this.shownOpen);
  }

  #row(line) {
    const replay = line.outcome === "replayed";
    const cells = [
      h("time", { datetime: line.at }, time(line.at).slice(0, 19)),
      h("span", { class: "what" }, visible(line.operation || `${line.method} ${line.path}`)),
      h("span", { class: `status ${outcomeOf(line)}` }, line.status === null ? "lost" : String(line.status)),
      h("span", { class: "items" }, itemsOf(line)),
      h("code", { class: "key" }, visible(line.key ?? "")),
      h("span", { class: "workspace" }, visible(line.workspace ?? "no workspace")),
      h("span", { class: "why" }, visible(line.rule ?? line.message ?? "not delivered to the server")),
      h("span", { class: "marks" }, replay ? h("b", { class: "mark replay" }, "replay") : null, faultOf(line)),
    ];
    if (line.entry === undefined) return h("li", {}, h("div", { class: "row" }, cells));
    const open = `${line.workspace}/${line.entry}`;
    return h("li", {}, h("a", { class: "row", href: `${this.address}&open=${encodeURIComponent(open)}`, "data-open": open, "aria-current": open === this.shownOpen ? "true" : null }, cells));
  }

  #say() {
    const { lines, loading, loaded, dropped } = this.store;
    const rows = this.list.childElementCount;
    const parts = [plural(this.matching, "call")];
    const hidden = this.matching - rows;
    if (hidden > 0) parts.push(`${count(hidden)} older not shown`);
    if (dropped) parts.push(`${count(dropped)} before them are no longer in this page`);
    if (this.paused?.length) parts.push(`${count(this.paused.length)} new while paused`);
    if (loading) parts.push(loaded ?? "reading the journals…");
    else if (this.search) parts.push("searching…");
    this.note.textContent = `${parts.join(" · ")}.`;
    this.first.hidden = Boolean(loading || lines.length);
    if (this.first.hidden) return;
    this.note.textContent = "No calls yet. Each call appears here as the mock answers it.";
    if (!this.first.childElementCount) this.#offerFirst();
  }

  /** A first call to paste, for the first workspace. */
  async #offerFirst() {
    this.first.append(h("h3", {}, "Send a first call"));
    const [found] = (await get("/workspaces?limit=1")).workspaces;
    if (!found) return;
    const passports = ["FIRST-1", "FIRST-1", "FIRST-2"].map((serialNumber) => ({ productId: found.product_id, gs1: { gtin: found.gtin, serialNumber } }));
    const command = [`curl -sS -X POST ${location.origin}/api/v1/passports/batch`, `-H 'Authorization: Bearer ${found.api_keys[0]}'`, "-H 'Content-Type: application/json'", "-H 'Idempotency-Key: first-call'", `--data-raw '${JSON.stringify({ passports })}'`];
    this.first.append(copyable("the first call", command.join(" \\\n  ")), h("p", {}, "It creates two passports. The second item fails, because its serial number is that of the first."));
  }

  #togglePause() {
    const waiting = this.paused;
    if (!waiting) this.#draw(); // what has arrived until now
    this.paused = waiting ? null : [];
    this.pause.setAttribute("aria-pressed", String(!waiting));
    this.pause.textContent = waiting ? "Pause" : "Go on";
    if (waiting) this.refresh();
    else this.#say();
  }

  #open(event) {
    const row = event.target.closest("a.row");
    if (!row || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    url.change({ open: row.dataset.open === url.now().open ? "" : row.dataset.open });
  }

  #key(event) {
    if (event.key === "Escape" && url.now().open && !document.querySelector("dialog[open]")) this.#close();
    const row = document.activeElement?.closest?.("a.row")?.parentElement;
    const to = { ArrowDown: row?.nextElementSibling, ArrowUp: row?.previousElementSibling }[event.key];
    const link = to?.querySelector("a");
    if (!link) return;
    event.preventDefault();
    link.focus();
  }

  #close() {
    const open = this.shownOpen;
    url.change({ open: "" });
    this.list.querySelector(`a[data-open="${CSS.escape(open)}"]`)?.focus();
  }

  async #showOpened(open) {
    for (const row of this.list.querySelectorAll("[aria-current]")) row.removeAttribute("aria-current");
    this.shownOpen = open;
    this.opened.hidden = !open;
    this.opened.replaceChildren();
    if (!open) return;
    this.list.querySelector(`a[data-open="${CSS.escape(open)}"]`)?.setAttribute("aria-current", "true");
    const at = open.lastIndexOf("/");
    const content = await showCall(this.store, open.slice(0, at), open.slice(at + 1), () => this.#close());
    if (this.shownOpen !== open) return; // another one was opened meanwhile
    this.opened.replaceChildren(...content);
    this.opened.querySelector("h3").focus();
  }

  #distinct(name) {
    const found = new Set();
    for (const line of this.store.lines) if (line[name]) found.add(line[name]);
    return [...found].sort();
  }
}

const HEAD = ["Time of the workspace", "Operation", "Status", "Items", "Key", "Workspace", "Decided by", ""];

export function outcomeOf(line) {
  if (line.outcome) return line.outcome;
  return line.status === null ? "failed" : "refused";
}

function itemsOf({ items }) {
  if (!items) return "";
  return h("span", {}, `${items.created} created`, items.errors ? h("b", { class: "bad" }, `, ${items.errors} failed`) : null);
}

function faultOf(line) {
  const kind = line.fault?.kind ?? line.kind;
  return kind ? h("b", { class: "mark fault" }, `fault: ${kind}`) : null;
}
