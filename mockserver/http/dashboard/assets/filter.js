// The filter of the calls: what it has, which calls it lets through, and its fields.

import { h } from "./dom.js";
import * as url from "./url.js";

export const NAMES = ["workspace", "operation", "status", "rule", "key", "text"];
const TYPING_MS = 30;

/** A test of calls. Each member of the filter that is given must fit. */
export function passes(filter) {
  const text = filter.text?.toLowerCase();
  const tests = [
    filter.workspace && ((line) => line.workspace === filter.workspace),
    filter.operation && ((line) => (line.operation || "") === filter.operation),
    filter.status && statusTest(filter.status),
    filter.rule && ((line) => (line.rule ?? "").startsWith(filter.rule)),
    filter.key && ((line) => (line.key ?? "").startsWith(filter.key)),
    text && ((line) => searched(line).includes(text)),
  ].filter(Boolean);
  return (line) => tests.every((test) => test(line));
}

/** `4xx` or `402`. */
function statusTest(wanted) {
  const digits = wanted.toLowerCase().replace(/x+$/, "");
  return (line) => String(line.status ?? "").startsWith(digits);
}

function searched(line) {
  line.searched ??= [line.method, line.path, line.operation, line.key, line.rule, line.outcome, line.fault?.kind, line.message, line.workspace]
    .filter(Boolean).join(" ").toLowerCase();
  return line.searched;
}

/** The fields of the filter. They follow the address, and change it. `offers` has the values to choose from. */
export function fields(offers) {
  const inputs = NAMES.map((name) => {
    const input = h("input", { name, type: "search", list: offers[name] ? `offers-${name}` : null, autocomplete: "off", placeholder: HINTS[name] });
    let timer;
    input.addEventListener("focus", () => offer(name));
    input.addEventListener("input", () => {
      clearTimeout(timer);
      timer = setTimeout(() => url.change({ [name]: input.value.trim() }, { replace: true }), TYPING_MS);
    });
    return input;
  });
  function offer(name) {
    const list = lists.find((each) => each.id === `offers-${name}`);
    list?.replaceChildren(...offers[name]().map((value) => h("option", { value })));
  }
  const lists = Object.keys(offers).map((name) => h("datalist", { id: `offers-${name}` }));
  const form = h(
    "form",
    { class: "filter", role: "search", "aria-label": "Filter the calls", onsubmit: (event) => event.preventDefault() },
    inputs.map((input) => h("label", {}, LABELS[input.name], input)),
    h("button", { type: "button", onclick: () => url.change(Object.fromEntries(NAMES.map((name) => [name, ""]))) }, "Clear"),
    lists,
  );
  return {
    form,
    /** Show what the address says, but leave alone what somebody types. */
    show(filter) {
      for (const input of inputs) if (document.activeElement !== input) input.value = filter[input.name] ?? "";
    },
  };
}

const LABELS = { workspace: "Workspace", operation: "Operation", status: "Status", rule: "Rule", key: "Idempotency key", text: "Text" };
const HINTS = { workspace: "all", operation: "all", status: "4xx", rule: "budget.", key: "begins with", text: "path, message, …" };
