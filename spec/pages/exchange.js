// How a call looks on all pages: request and answer side by side. It imports nothing, so that a page can contain it.

const BODY_MAX = 50_000; // characters that are shown
const UNFOLDED_MAX = 6; // headers
const INDENTED_MAX = 40; // levels: a body may have thousands

/**
 * The element of a call. A message has `first` (its first line), `headers` with names and values, `body`, and `left_out`, the
 * number of characters that its body lacks. A text in place of the answer says why there is none.
 */
export function exchange(request, answer) {
  return h("div", { class: "two exchange" }, side("Request", request), side("Answer", answer));
}

function side(title, message) {
  const part = h("p", { class: "part" }, title);
  if (typeof message === "string") return h("div", {}, part, h("p", {}, visible(message)));
  const { first, headers, body, left_out = 0 } = message;
  const text = body.slice(0, BODY_MAX);
  const left = left_out + body.length - text.length;
  return h(
    "div",
    {},
    part,
    h("p", { class: "first" }, h("code", {}, visible(first))),
    h(
      "details",
      { class: "headers", open: headers.length <= UNFOLDED_MAX },
      h("summary", {}, plural(headers.length, "header")),
      h("ul", {}, headers.map(({ name, value }) => h("li", {}, h("code", {}, visible(`${name}: ${value}`))))),
    ),
    body ? h("pre", { tabindex: "0", role: "group", "aria-label": `Body of the ${title.toLowerCase()}` }, visible(laidOut(text))) : h("p", { class: "soft" }, "No body."),
    left ? h("small", {}, `The last ${plural(left, "character")} of the body are not shown. `) : null,
    text.includes("\ufffd") ? h("small", {}, "\ufffd may stand for bytes that are not UTF-8.") : null,
  );
}

/** JSON in lines. Each token stays as it is, even a repeated member or a long number. Other text stays as it is. */
export function laidOut(text) {
  try {
    JSON.parse(text);
  } catch {
    return text;
  }
  const tokens = text.match(/"(?:[^"\\]+|\\.)*"|[[\]{}:,]|[^\s"[\]{}:,]+/g);
  const lines = [""];
  let depth = 0;
  for (const [nth, token] of tokens.entries()) {
    const next = tokens[nth + 1];
    const closes = next === "]" || next === "}";
    if (token === "[" || token === "{") depth++;
    if (closes) depth--;
    lines[lines.length - 1] += token === ":" ? ": " : token;
    const breaks = token === "[" || token === "{" ? !closes : token === "," || closes;
    if (breaks) lines.push("  ".repeat(Math.min(depth, INDENTED_MAX)));
  }
  return lines.join("\n");
}

/** An element. `props` are attributes; `on…` are listeners; null and false leave an attribute out. Text becomes a text node. */
export function h(tag, props = {}, ...children) {
  return fill(document.createElement(tag), props, children);
}

export function fill(element, props, children) {
  for (const [name, value] of Object.entries(props)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat(Infinity).filter((each) => each !== null && each !== undefined && each !== false));
  return element;
}

/** Text with each control and direction character made visible, since a client or a server may send any. */
export function visible(text) {
  return text.replace(
    /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g,
    (found) => `\\u${found.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

export const count = (number) => number.toLocaleString("en");

export const plural = (number, noun) => `${count(number)} ${noun}${number === 1 ? "" : "s"}`;
