// The view of the readings, of the server or of one workspace: what is in force, what differs from the default, and how to
// change it.

import { act, get, Problem } from "./api.js";
import { catalogue } from "./catalogue.js";
import { h, plural, prose, rule, visible } from "./dom.js";
import * as url from "./url.js";

export class Readings {
  constructor() {
    this.chosen = new Map(); // answers that are selected and not yet used: a list that is drawn again keeps them
    this.list = h("div", {});
    this.whose = h("div", { class: "bar" });
    this.note = h("p", { class: "soft", role: "status" });
    this.problem = h("p", { role: "alert", class: "problem" });
    this.onlyOther = h("input", { type: "checkbox", onchange: () => this.#draw() });
    this.search = h("input", { type: "search", autocomplete: "off", oninput: () => this.#draw() });
    this.element = h(
      "div",
      { class: "view" },
      h("h2", {}, "Readings"),
      h("p", {}, "A reading is a question that the documentation of the API leaves open. The mock runs with one answer to each. A change applies from the next call on. What was decided before stays as it is, but a change of how serial numbers, idempotency keys or bodies are compared applies to what is stored, too."),
      this.whose,
      h("div", { class: "bar" },
        h("label", {}, "Find ", this.search),
        h("label", { class: "check" }, this.onlyOther, "Only those that differ from the default"),
        h("button", { type: "button", onclick: () => this.#download() }, "Download the card")),
      this.note,
      this.problem,
      this.list,
    );
  }

  async show({ at, workspace = "" }) {
    this.catalogue = await catalogue();
    if (workspace !== this.workspace) this.chosen.clear();
    this.workspace = workspace;
    await this.refresh();
    if (at && at !== this.at) reveal(this.list, at);
    this.at = at;
  }

  async refresh() {
    if (!this.catalogue) return;
    const { workspace } = this;
    const server = (await get("/readings")).readings;
    let own = null;
    try {
      if (workspace) own = (await get(pathOf(workspace))).readings;
    } catch (refused) {
      if (!(refused instanceof Problem)) throw refused;
      this.list.replaceChildren();
      this.note.textContent = "";
      this.whose.replaceChildren(h("p", { role: "alert" }, `The mock has no workspace ${visible(workspace)}. `), this.#toServer());
      return;
    }
    if (workspace !== this.workspace) return; // another one was chosen meanwhile
    this.inForce = own === null ? server : { ...this.#defaults(), ...own };
    const hadFocus = this.whose.contains(document.activeElement);
    this.whose.replaceChildren(...this.#whose(workspace, own !== null));
    if (hadFocus) this.whose.querySelector("a")?.focus();
    this.#draw();
  }

  /** The server (null) or a workspace was changed. */
  async changed(workspace) {
    if (this.element.isConnected && (workspace === null || workspace === this.workspace)) await this.refresh();
  }

  #defaults() {
    return Object.fromEntries(this.catalogue.readings.filter((each) => each.settable).map((each) => [each.id, each.default]));
  }

  /** Whose readings these are, and the way to the others. */
  #whose(workspace, hasOwn) {
    if (!workspace) return [h("p", {}, h("b", {}, "These are the readings of the server."), " Workspaces with readings of their own do not follow it.")];
    const follows = hasOwn ? "It has readings of its own and does not follow the server." : "It follows the readings of the server, until you change one here.";
    return [
      h("p", {}, h("b", {}, `These are the readings of ${visible(workspace)}. `), follows),
      hasOwn ? h("button", { type: "button", onclick: () => this.#act("PATCH", pathOf(workspace), { readings: null }) }, "Follow the server again") : null,
      this.#toServer(),
    ].filter(Boolean);
  }

  #toServer() {
    return h("a", { href: url.withChanges({ workspace: "", at: "" }) }, "The readings of the server");
  }

  #draw() {
    const wanted = this.search.value.toLowerCase();
    const open = new Set([...this.list.querySelectorAll("details[open]")].map((each) => each.id));
    const found = this.catalogue.readings.filter((each) => `${each.id} ${each.question}`.toLowerCase().includes(wanted) && (!this.onlyOther.checked || this.#differs(each)));
    const focused = this.list.contains(document.activeElement) ? document.activeElement.closest("details").id : null;
    this.list.replaceChildren(...found.map((each) => this.#item(each, open.has(each.id))));
    if (focused) this.list.querySelector(`[id="${CSS.escape(focused)}"] summary`)?.focus({ preventScroll: true });
    const other = this.catalogue.readings.filter((each) => this.#differs(each)).length;
    this.note.textContent = `${plural(other, "reading")} with another answer than the default. ${found.length} of ${this.catalogue.readings.length} shown.`;
  }

  #differs(each) {
    return each.settable && this.inForce[each.id] !== each.default;
  }

  #item(each, open) {
    const answer = each.settable ? this.inForce[each.id] : each.default;
    const used = () => {
      this.chosen.delete(each.id);
      return change.value;
    };
    const selected = this.chosen.get(each.id) ?? answer;
    const change = h("select", { "aria-label": `Answer to ${each.id}`, onchange: () => this.chosen.set(each.id, change.value) }, each.answers.map(({ id, means }) => h("option", { value: id, selected: id === selected }, `${id}: ${means}`)));
    return h(
      "details",
      { id: each.id, class: "reading", open },
      h("summary", {}, h("code", {}, each.id), " ", h("span", {}, prose(each.question)), " ", h("b", { class: this.#differs(each) ? "mark" : null }, answer), this.#differs(each) ? " not the default" : ""),
      h("ul", {}, each.answers.map(({ id, means, contradicts }) => h("li", {}, h("code", {}, id), ": ", prose(means), id === each.default ? " (default)" : "", contradicts ? [" It breaks ", rule(contradicts), "."] : ""))),
      h("dl", { class: "facts" }, [["Why this default", each.reason], ["What is known", each.evidence], ["For clients", each.advice], ["How to find out", each.observe]].map(([label, text]) => [h("dt", {}, label), h("dd", {}, prose(text))])),
      each.settable ? h("div", { class: "bar" }, change, this.#uses(each.id, used)) : h("p", { class: "soft" }, "The mock has this answer only."),
    );
  }

  /** The buttons that use an answer. */
  #uses(id, answer) {
    const button = (text, onclick) => h("button", { type: "button", onclick }, text);
    const { workspace } = this;
    if (workspace) return button(`Use it for ${visible(workspace)}`, () => this.#act("PATCH", pathOf(workspace), { readings: { [id]: answer() } }));
    return [
      button("Use it for the server", () => this.#act("PUT", "/readings", { readings: { ...this.#deviations(), [id]: answer() } })),
      button("New workspace with this answer", () => this.#workspaceWith(id, answer())),
    ];
  }

  #deviations() {
    return Object.fromEntries(this.catalogue.readings.filter((each) => this.#differs(each)).map((each) => [each.id, this.inForce[each.id]]));
  }

  /** Do something and show what is in force then. Returns the answer of the mock; undefined if it refused. */
  async #act(...what) {
    this.problem.textContent = "";
    let done;
    try {
      done = await act(...what);
    } catch (refused) {
      this.problem.textContent = refused.message;
    }
    await this.refresh();
    return done;
  }

  async #workspaceWith(id, answer) {
    const made = await this.#act("POST", "/workspaces", { readings: { [id]: answer } });
    if (made) url.change({ view: "workspaces", workspace: made.id, at: "" });
  }

  /** The card of `tracepass-mock --readings`: the answers that differ, each below its question. JSON texts are YAML. */
  #download() {
    const lines = this.catalogue.readings.filter((each) => this.#differs(each)).map((each) => `  # ${each.question}\n  ${each.id}: ${JSON.stringify(this.inForce[each.id])}`);
    const card = [lines.length ? "readings:" : "readings: {}", ...lines, ""].join("\n");
    const address = URL.createObjectURL(new Blob([card], { type: "application/yaml" }));
    h("a", { href: address, download: "card.yaml" }).click();
    setTimeout(() => URL.revokeObjectURL(address), 1000);
  }
}

const pathOf = (workspace) => `/workspaces/${encodeURIComponent(workspace)}`;

/** Open and show the entry with this id. */
export function reveal(list, id) {
  const found = list.querySelector(`[id="${CSS.escape(id)}"]`);
  if (!found) return;
  if (found.tagName === "DETAILS") found.open = true;
  found.scrollIntoView({ block: "start" });
  (found.querySelector("summary") ?? found).focus({ preventScroll: true });
}
