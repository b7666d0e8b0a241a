// The view of the readings: what is in force, what differs from the default, and how to change it.

import { act, get } from "./api.js";
import { catalogue } from "./catalogue.js";
import { h, plural, prose, rule } from "./dom.js";
import * as url from "./url.js";

export class Readings {
  constructor() {
    this.list = h("div", {});
    this.note = h("p", { class: "soft", role: "status" });
    this.problem = h("p", { role: "alert", class: "problem" });
    this.onlyOther = h("input", { type: "checkbox", onchange: () => this.#draw() });
    this.search = h("input", { type: "search", autocomplete: "off", oninput: () => this.#draw() });
    this.element = h(
      "div",
      { class: "view" },
      h("h2", {}, "Readings"),
      h("p", {}, "A reading is a question that the documentation of the API leaves open. The mock runs with one answer to each. A change here is for the whole server, except for workspaces with readings of their own."),
      h("div", { class: "bar" },
        h("label", {}, "Find ", this.search),
        h("label", { class: "check" }, this.onlyOther, "Only those that differ from the default"),
        h("button", { type: "button", onclick: () => this.#download() }, "Download the card")),
      this.note,
      this.problem,
      this.list,
    );
  }

  async show({ at }) {
    this.catalogue = await catalogue();
    await this.refresh();
    if (at && at !== this.at) reveal(this.list, at);
    this.at = at;
  }

  async refresh() {
    if (!this.catalogue) return;
    this.inForce = (await get("/readings")).readings;
    this.#draw();
  }

  #draw() {
    const wanted = this.search.value.toLowerCase();
    const open = new Set([...this.list.querySelectorAll("details[open]")].map((each) => each.id));
    const found = this.catalogue.readings.filter((each) => `${each.id} ${each.question}`.toLowerCase().includes(wanted) && (!this.onlyOther.checked || this.#differs(each)));
    this.list.replaceChildren(...found.map((each) => this.#item(each, open.has(each.id))));
    const other = this.catalogue.readings.filter((each) => this.#differs(each)).length;
    this.note.textContent = `${plural(other, "reading")} with another answer than the default. ${found.length} of ${this.catalogue.readings.length} shown.`;
  }

  #differs(each) {
    return each.settable && this.inForce[each.id] !== each.default;
  }

  #item(each, open) {
    const answer = each.settable ? this.inForce[each.id] : each.default;
    const change = h("select", { "aria-label": `Answer to ${each.id}` }, each.answers.map(({ id, means }) => h("option", { value: id, selected: id === answer }, `${id}: ${means}`)));
    return h(
      "details",
      { id: each.id, class: "reading", open },
      h("summary", {}, h("code", {}, each.id), " ", h("span", {}, prose(each.question)), " ", h("b", { class: this.#differs(each) ? "mark" : null }, answer), this.#differs(each) ? " not the default" : ""),
      h("ul", {}, each.answers.map(({ id, means, contradicts }) => h("li", {}, h("code", {}, id), ": ", prose(means), id === each.default ? " (default)" : "", contradicts ? [" It breaks ", rule(contradicts), "."] : ""))),
      h("dl", { class: "facts" }, [["Why this default", each.reason], ["What is known", each.evidence], ["For clients", each.advice], ["How to find out", each.observe]].map(([label, text]) => [h("dt", {}, label), h("dd", {}, prose(text))])),
      each.settable ? h("div", { class: "bar" }, change, h("button", { type: "button", onclick: () => this.#change(each.id, change.value) }, "Use it for the server"), h("button", { type: "button", onclick: () => this.#workspaceWith(each.id, change.value) }, "New workspace with this answer")) : h("p", { class: "soft" }, "The mock has this answer only."),
    );
  }

  async #change(id, answer) {
    const others = Object.fromEntries(this.catalogue.readings.filter((each) => this.#differs(each)).map((each) => [each.id, this.inForce[each.id]]));
    this.problem.textContent = "";
    try {
      await act("PUT", "/readings", { readings: { ...others, [id]: answer } });
    } catch (refused) {
      this.problem.textContent = refused.message;
    }
    await this.refresh();
  }

  async #workspaceWith(id, answer) {
    this.problem.textContent = "";
    try {
      const made = await act("POST", "/workspaces", { readings: { [id]: answer } });
      url.change({ view: "workspaces", workspace: made.id, at: "" });
    } catch (refused) {
      this.problem.textContent = refused.message;
    }
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

/** Open and show the entry with this id. */
export function reveal(list, id) {
  const found = list.querySelector(`[id="${CSS.escape(id)}"]`);
  if (!found) return;
  if (found.tagName === "DETAILS") found.open = true;
  found.scrollIntoView({ block: "start" });
  (found.querySelector("summary") ?? found).focus({ preventScroll: true });
}
