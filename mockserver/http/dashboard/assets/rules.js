// The view of the rules: a sentence each.

import { catalogue } from "./catalogue.js";
import { h, prose } from "./dom.js";
import { reveal } from "./readings.js";
import * as url from "./url.js";

const LEVELS = { must: "the page says it", doc: "another page of the documentation says it", norm: "general practice" };

export class Rules {
  constructor() {
    this.list = h("div", {});
    this.element = h("div", { class: "view" }, h("h2", {}, "Rules"), h("p", {}, "What the API promises, one sentence each. Each answer of the mock names the rule that decided it."), this.list);
  }

  async show({ at }) {
    const { rules } = await catalogue();
    if (!this.list.childElementCount) this.list.append(...rules.map(item));
    for (const each of this.list.children) each.classList.toggle("at", each.id === at);
    if (at) reveal(this.list, at);
  }
}

function item({ id, sentence, level, source }) {
  return h(
    "article",
    { id, class: "sentence", tabindex: "-1" },
    h("h3", {}, h("code", {}, id)),
    h("p", {}, prose(sentence)),
    h("p", { class: "soft" }, `${LEVELS[level]} (${source}). `, h("a", { href: url.withChanges({ view: "calls", rule: id, at: "", open: "" }), "aria-label": `Calls that ${id} decided` }, "Calls that it decided")),
  );
}
