// Builds elements. Text always becomes a text node, so nothing that a client sent can become markup.

const SVG = "http://www.w3.org/2000/svg";

/** An element. `props` are attributes; `on…` are listeners; null and false leave an attribute out. */
export function h(tag, props = {}, ...children) {
  return fill(document.createElement(tag), props, children);
}

export function svg(tag, props = {}, ...children) {
  return fill(document.createElementNS(SVG, tag), props, children);
}

function fill(element, props, children) {
  for (const [name, value] of Object.entries(props)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat(Infinity).filter((each) => each !== null && each !== undefined && each !== false));
  return element;
}

/** Text with each control and direction character made visible, since a client may send any. Line ends and tabs stay. */
export function visible(text) {
  return text.replace(
    /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g,
    (found) => `\\u${found.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

export function cents(amount) {
  return `${(amount / 100).toFixed(2)} EUR`;
}

export const count = (number) => number.toLocaleString("en");

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

export const plural = (number, noun) => `${count(number)} ${noun}${number === 1 ? "" : "s"}`;

/** A link to the sentence of a rule. */
export function rule(id) {
  return h("a", { class: "rule", href: `#view=rules&at=${encodeURIComponent(id)}` }, id);
}

export function reading(id) {
  return h("a", { class: "rule", href: `#view=readings&at=${encodeURIComponent(id)}` }, id);
}
