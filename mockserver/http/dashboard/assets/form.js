// A form from a schema of spec/control.yaml. What is left empty is left out of the body.

import { h, prose } from "./dom.js";

let document_ = null;
let fields = 0;

/** A schema of the control plane by its name. */
export async function schema(name) {
  document_ ??= fetch("/_mock/docs/control.json").then((reply) => reply.json());
  return (await document_).components.schemas[name];
}

async function resolved(found) {
  return found.$ref ? { ...(await schema(found.$ref.split("/").at(-1))), ...found } : found;
}

/** The fields for these members: `element`, and `value()` with what was filled in. */
export async function fieldsFor(properties, { required = [], prefix = "" } = {}) {
  const members = await Promise.all(
    Object.entries(properties).map(async ([name, each]) => [name, await field(name, await resolved(each), required.includes(name), prefix)]),
  );
  return {
    element: h("div", { class: "fields" }, members.map(([, each]) => each.element)),
    value() {
      const given = members.map(([name, each]) => [name, each.value()]).filter(([, value]) => value !== undefined);
      return Object.fromEntries(given);
    },
  };
}

async function field(name, found, required, prefix) {
  const label = labelOf(name);
  if (found.properties) {
    const inner = await fieldsFor(found.properties, { prefix: `${prefix}${name}-` });
    const value = () => (Object.keys(inner.value()).length ? inner.value() : undefined);
    return { element: h("fieldset", {}, h("legend", {}, label), hint(found), inner.element), value };
  }
  const input = inputFor(found, required);
  input.element.id = `field-${++fields}`;
  input.element.name = `${prefix}${name}`;
  const about = found.description && !saidByCheckbox(found) ? `about-${fields}` : null;
  if (about) input.element.setAttribute("aria-describedby", about);
  const parts = [h("label", { for: input.element.id }, label, required ? " (needed)" : ""), input.element];
  const unlimited = [found.type].flat().includes("null") ? h("input", { type: "checkbox", name: `${prefix}${name}-null` }) : null;
  if (unlimited) parts.push(h("label", { class: "check" }, unlimited, name.includes("price") ? "not sold" : "no limit"));
  const value = () => (unlimited?.checked ? null : input.value());
  return { element: h("div", { class: "field" }, parts, about ? hint(found, about) : null), value };
}

function labelOf(name) {
  const words = name.replaceAll("_", " ");
  return words[0].toUpperCase() + words.slice(1);
}

function hint({ description }, id = null) {
  return description ? h("small", { id }, prose(description)) : null;
}

/** The checkbox of a limit says what null means. */
function saidByCheckbox({ type, description }) {
  return [type].flat().includes("null") && description.includes("`null`");
}

function inputFor(found, required) {
  const type = [found.type].flat().find((each) => each !== "null");
  if (found.enum) return selected([["", found.default ? `${found.default} (default)` : ""], ...found.enum.map((each) => [each, each])], required);
  if (type === "boolean") {
    const choice = selected([["", found.default === undefined ? "" : `${found.default ? "yes" : "no"} (default)`], ["true", "yes"], ["false", "no"]], required);
    return { element: choice.element, value: () => (choice.element.value ? choice.element.value === "true" : undefined) };
  }
  if (type === "integer" || type === "number") {
    const element = h("input", { type: "number", min: found.minimum, max: found.maximum, step: type === "integer" ? 1 : "any", required, placeholder: found.default });
    return { element, value: () => (element.value === "" ? undefined : Number(element.value)) };
  }
  if (type === "object") return headers();
  if (type === "string") {
    const element = h("input", { type: "text", required, autocomplete: "off" });
    return { element, value: () => element.value || undefined };
  }
  return anything();
}

function selected(options, required) {
  const element = h("select", { required }, options.map(([value, text]) => h("option", { value }, text)));
  return { element, value: () => element.value || undefined };
}

/** Lines of `Name: value`. */
function headers() {
  const element = h("textarea", { rows: 2, placeholder: "Retry-After: 30" });
  const value = () => {
    const lines = element.value.split("\n").filter((each) => each.includes(":"));
    const pairs = lines.map((each) => [each.slice(0, each.indexOf(":")).trim(), each.slice(each.indexOf(":") + 1).trim()]);
    return pairs.length ? Object.fromEntries(pairs) : undefined;
  };
  return { element, value };
}

/** JSON, or else text. */
function anything() {
  const element = h("textarea", { rows: 2, placeholder: '{"error": "…"} or text' });
  const value = () => {
    if (!element.value) return undefined;
    try {
      return JSON.parse(element.value);
    } catch {
      return element.value;
    }
  };
  return { element, value };
}

/** A form that acts. `act` gets nothing and may throw a refusal of the mock, which the form shows. */
export function form(label, button, content, act) {
  const problem = h("p", { role: "alert", class: "problem" });
  return h(
    "form",
    {
      "aria-label": label,
      async onsubmit(event) {
        event.preventDefault();
        problem.textContent = "";
        try {
          await act(event.target);
        } catch (refused) {
          problem.textContent = refused.message;
        }
      },
    },
    content,
    h("button", {}, button),
    problem,
  );
}
