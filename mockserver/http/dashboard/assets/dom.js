// Builds elements. Text always becomes a text node, so nothing that a client sent can become markup.

import { fill, h, visible } from "./exchange.js";

export { count, h, plural, visible } from "./exchange.js";

const SVG = "http://www.w3.org/2000/svg";

export function svg(tag, props = {}, ...children) {
  return fill(document.createElementNS(SVG, tag), props, children);
}

export function cents(amount) {
  return `${(amount / 100).toFixed(2)} EUR`;
}

/** `2026-01-15 12:00:00.000` of a time in UTC. */
export const time = (at) => at.replace("T", " ").replace("Z", "");

/** A table in a box that scrolls. `rows` have an array of cells each. */
export function table(caption, head, rows, props = {}) {
  return h(
    "div",
    { class: "wide", tabindex: "0", role: "region", "aria-label": caption },
    h(
      "table",
      props,
      h("caption", {}, caption),
      h("thead", {}, h("tr", {}, head.map((each) => h("th", { scope: "col" }, each)))),
      h("tbody", {}, rows.map((cells) => h("tr", {}, cells.map((cell) => h("td", {}, cell))))),
    ),
  );
}

/** A text to copy, with a button that does it. `label` names the text. */
export function copyable(label, text, tag = "pre") {
  const button = h("button", { type: "button", class: "copy", "aria-label": `Copy ${label}`, onclick: copy }, "Copy");
  async function copy() {
    try {
      await navigator.clipboard.writeText(text);
      button.textContent = "Copied";
    } catch {
      getSelection().selectAllChildren(shown); // no permission: the person copies the selection
      button.textContent = "Selected";
    }
    setTimeout(() => (button.textContent = "Copy"), 1500);
  }
  const shown = h(tag, { class: "script", tabindex: tag === "pre" ? "0" : null, "aria-label": tag === "pre" ? label : null, role: tag === "pre" ? "region" : null }, visible(text));
  return h("div", { class: tag === "pre" ? "copyable" : "copyable inline" }, shown, button);
}

/** A sentence of the documents, in which backticks mark code. */
export function prose(text) {
  return text.split("`").map((part, nth) => (nth % 2 ? h("code", {}, part) : part));
}

/** A link to the sentence of a rule. */
export function rule(id) {
  return h("a", { class: "rule", href: `#view=rules&at=${encodeURIComponent(id)}` }, id);
}

export function reading(id) {
  return h("a", { class: "rule", href: `#view=readings&at=${encodeURIComponent(id)}` }, id);
}
