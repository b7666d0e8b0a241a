// The view of the workspaces: a list with balances, and everything about the one that is chosen.

import { act, get } from "./api.js";
import { clockPanel } from "./clock.js";
import { cents, copyable, count, h, plural, visible } from "./dom.js";
import { faultsPanel } from "./faults.js";
import { fieldsFor, form, schema } from "./form.js";
import { ledgerPanel } from "./ledger.js";
import { readingChoice } from "./reading_choice.js";
import { allWorkspaces, newest } from "./store.js";
import * as url from "./url.js";

const LISTED_MAX = 200;
const REFRESH_MS = 500;
const ONE_BY_ONE_MAX = 10; // workspaces that are asked for alone

export class Workspaces {
  constructor() {
    this.dirty = new Set(); // what has changed and is not shown yet
    this.list = h("ul", { class: "workspaces" });
    this.more = h("p", { class: "soft" });
    this.detail = h("section", { class: "detail", "aria-label": "The chosen workspace" });
    this.search = h("input", { type: "search", autocomplete: "off", oninput: () => this.#drawList() });
    this.creating = h("details", { class: "new" }, h("summary", {}, "New workspace"));
    this.creating.addEventListener("toggle", () => this.#drawForm(), { once: true });
    this.element = h(
      "div",
      { class: "view split" },
      h("div", {}, h("h2", {}, "Workspaces"), this.creating, h("label", { class: "search" }, "Find ", this.search), this.list, this.more),
      this.detail,
    );
  }

  async show({ workspace }) {
    if (!this.all) await this.#load();
    const chosen = this.all.some((each) => each.id === workspace) ? workspace : null;
    if (workspace && !chosen) {
      await this.#load(); // it may be new
      if (!this.all.some((each) => each.id === workspace)) {
        this.chosen = null;
        this.detail.replaceChildren(h("p", { role: "alert" }, `The mock has no workspace ${visible(workspace)}.`));
        return;
      }
    }
    this.chosen = workspace ?? this.all.find((each) => each.about)?.id ?? this.all[0]?.id;
    this.#drawList();
    await this.#drawDetail();
  }

  /** Something happened in this workspace, or in all (null). */
  changed(workspace) {
    if (!this.element.isConnected) {
      this.all = null;
      return;
    }
    this.dirty.add(workspace);
    this.timer ??= setTimeout(async () => {
      await this.#refresh(this.dirty);
      this.timer = null;
      if (this.dirty.size) this.changed([...this.dirty][0]);
    }, REFRESH_MS);
  }

  async #refresh(dirty) {
    const chosen = this.chosen;
    this.dirty = new Set();
    try {
      await this.#update(dirty);
    } catch {
      return; // the mock does not answer; the page says so, and reads everything again when it does
    }
    if (chosen !== this.chosen || !this.element.isConnected) return;
    if (!this.all.some((each) => each.id === chosen)) {
      await this.show(url.now());
      return;
    }
    this.#drawList();
    await this.panels?.refresh(this.all.find((each) => each.id === chosen));
  }

  /** Read again what has changed: a few workspaces alone, otherwise all. */
  async #update(dirty) {
    const isFew = dirty.size <= ONE_BY_ONE_MAX && [...dirty].every((id) => this.all?.some((each) => each.id === id));
    const found = isFew ? await Promise.all([...dirty].map((id) => newest(this.inOrder, id))) : [null];
    if (found.includes(null)) {
      await this.#load();
      return;
    }
    const byId = new Map(found.map((each) => [each.id, each]));
    this.inOrder = this.inOrder.map((each) => byId.get(each.id) ?? each);
    this.all = this.all.map((each) => byId.get(each.id) ?? each);
  }

  async #load() {
    this.inOrder = await allWorkspaces();
    const seeded = this.inOrder.filter((each) => each.about);
    this.all = [...this.inOrder.filter((each) => !each.about).reverse(), ...seeded]; // the newest first
  }

  #drawList() {
    const wanted = this.search.value.toLowerCase();
    const found = this.all.filter((each) => `${each.id} ${each.about ?? ""}`.toLowerCase().includes(wanted));
    const focused = this.list.contains(document.activeElement) ? document.activeElement.dataset.workspace : null;
    this.list.replaceChildren(...found.slice(0, LISTED_MAX).map((each) => this.#item(each)));
    this.more.textContent = found.length > LISTED_MAX ? `${count(found.length - LISTED_MAX)} more are not shown. Find them by name.` : "";
    if (focused) this.list.querySelector(`[data-workspace="${CSS.escape(focused)}"]`)?.focus();
  }

  #item(each) {
    const unplayed = each.faults.planned - each.faults.consumed;
    const facts = [
      left(each.writes_left, "write"),
      left(each.passports_left, "passport"),
      each.overage_cents ? cents(each.overage_cents) : null,
      each.clock.frozen ? "clock frozen" : null,
      unplayed ? `${plural(unplayed, "fault")} pending` : null,
    ];
    return h(
      "li",
      {},
      h(
        "a",
        { href: url.withChanges({ view: "workspaces", workspace: each.id }), "data-workspace": each.id, "aria-current": each.id === this.chosen ? "true" : null },
        h("b", {}, visible(each.id)),
        each.about ? h("span", {}, visible(each.about)) : null,
        h("small", {}, facts.filter(Boolean).join(" · ")),
      ),
    );
  }

  async #drawForm() {
    const { readings, ...limits } = (await schema("NewWorkspace")).properties;
    const fields = await fieldsFor(limits);
    const choice = await readingChoice();
    const create = async () => {
      const chosen = choice.value();
      const body = { ...fields.value(), ...(Object.keys(chosen).length ? { readings: chosen } : {}) };
      const made = await act("POST", "/workspaces", body);
      this.all = null;
      this.creating.open = false;
      url.change({ view: "workspaces", workspace: made.id });
    };
    this.creating.append(form("New workspace", "Create", [fields.element, choice.element], create));
  }

  async #drawDetail() {
    const chosen = this.chosen;
    if (!chosen || this.panels?.id === chosen) {
      await this.panels?.refresh(this.all.find((each) => each.id === chosen));
      return;
    }
    this.panels = await panelsOf(this.all.find((each) => each.id === chosen));
    if (this.chosen === chosen) this.detail.replaceChildren(...this.panels.elements);
  }
}

function left(number, what) {
  return number === null ? `no limit of ${what}s` : `${plural(number, what)} left`;
}

/** Everything about one workspace. `refresh` shows what has changed and leaves forms alone. */
async function panelsOf(first) {
  const path = `/workspaces/${encodeURIComponent(first.id)}`;
  const bars = h("div", { class: "bars" });
  const facts = h("div", {});
  const panels = [clockPanel(path), await faultsPanel(path), ledgerPanel(path)];
  const change = h("details", {}, h("summary", {}, "Change limits and balances"));
  change.addEventListener("toggle", async () => {
    const { readings, ...limits } = (await schema("WorkspaceChange")).properties; // the readings have their own view
    const fields = await fieldsFor(limits);
    change.append(form("Change limits and balances", "Change", fields.element, () => act("PATCH", path, fields.value())));
  }, { once: true });
  const revoked = async () => refresh({ ...first, ...(await get(path)) });

  async function refresh(found) {
    first = found;
    bars.replaceChildren(...barsOf(found));
    facts.replaceChildren(...factsOf(found, path, revoked));
    await Promise.all(panels.map((each) => each.refresh(found)));
  }

  await refresh(first);
  return {
    id: first.id,
    refresh,
    elements: [
      h("h3", {}, visible(first.id)),
      first.about ? h("p", {}, visible(first.about)) : null,
      h("p", {}, h("a", { href: url.withChanges({ view: "calls", workspace: first.id }) }, "Its calls")),
      bars,
      change,
      facts,
      ...panels.map((each) => each.element),
    ].filter(Boolean),
  };
}

function barsOf(found) {
  return [
    bar("Writes today", found.writes_used, found.writes_per_day, found.writes_left),
    bar("Reads today", found.reads_used, found.reads_per_day, found.reads_left),
    bar("Passports of the plan", found.passports_used, found.passports_included, found.passports_left),
    overage(found),
  ];
}

function bar(label, used, limit, leftOver) {
  const text = limit === null ? `${count(used)} used, no limit` : `${count(used)} of ${count(limit)} used, ${count(leftOver)} left`;
  return h("div", { class: "bar-box" }, h("b", {}, label), limit === null ? null : h("progress", { max: Math.max(limit, 1), value: Math.min(used, limit), "aria-label": `${label}: ${text}`, class: leftOver === 0 ? "full" : null }), h("span", {}, text));
}

function overage(found) {
  const price = found.overage_supported ? `${cents(found.overage_price_cents)} each` : "not sold: the plan has no overage";
  return h("div", { class: "bar-box" }, h("b", {}, "Overage"), h("span", { class: "overage" }, `${cents(found.overage_cents)} for ${plural(found.overage_count, "passport")}`), h("span", {}, price));
}

function factsOf(found, path, changed) {
  const revoke = (key) => act("DELETE", `${path}/api-keys/${encodeURIComponent(key)}`);
  const deviations = Object.entries(found.readings ?? {});
  return [
    h("h4", {}, "For a client"),
    h("dl", { class: "facts" },
      found.api_keys.map((key) => [h("dt", {}, "API key"), h("dd", {}, copyable("the API key", key, "code"), h("button", { type: "button", class: "quiet", "aria-label": `Revoke ${key}`, onclick: () => revoke(key) }, "Revoke"))]),
      [["Product ID", "product_id"], ["GTIN", "gtin"]].map(([label, name]) => [h("dt", {}, label), h("dd", {}, copyable(label, found[name], "code"))]),
      h("dt", {}, "Plan"), h("dd", {}, found.plan),
      h("dt", {}, "Readings"), h("dd", {}, found.readings === null ? "those of the server" : deviations.length ? deviations.map(([id, answer]) => h("code", {}, `${id}=${answer} `)) : "its own, all with their default", " ", h("a", { href: url.withChanges({ view: "readings", workspace: found.id }) }, "Change them"))),
    h("button", { type: "button", onclick: () => act("POST", `${path}/api-keys`).then(changed) }, "Another API key"),
  ];
}
