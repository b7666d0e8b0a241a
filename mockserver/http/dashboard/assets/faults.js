// The planned faults of a workspace, and a form to plan one. The form comes from the schema NewFault.

import { act, get } from "./api.js";
import { copyable, h, table, visible } from "./dom.js";
import { fieldsFor, form, schema } from "./form.js";
import { python } from "./pytest_line.js";

const COMMON = ["times", "skip", "match"];

export async function faultsPanel(path) {
  const list = h("div", {});
  const planned = h("div", {});
  const fault = await schema("NewFault");
  const kinds = (await schema("FaultKind")).enum;
  const kind = h("select", { name: "kind", onchange: draw }, kinds.map((each) => h("option", { value: each }, each)));
  const about = h("small", {});
  const options = h("div", {});
  let fields = null;

  async function draw() {
    const { members, required } = membersOf(fault, kind.value);
    about.textContent = ABOUT[kind.value] ?? "";
    fields = await fieldsFor(members, { required });
    options.replaceChildren(fields.element);
  }
  async function plan() {
    const body = { kind: kind.value, ...fields.value() };
    await act("POST", `${path}/faults`, body);
    const { kind: name, ...rest } = body;
    const given = Object.entries(rest).map(([member, value]) => `, ${member}=${python(value)}`).join("");
    planned.replaceChildren(h("small", {}, "The same in a test:"), copyable("the pytest line", `tracepass_workspace.fault(${python(name)}${given})`));
  }
  await draw();
  const element = h(
    "section",
    { "aria-label": "Faults" },
    h("h4", {}, "Faults"),
    list,
    h("details", { class: "plan" }, h("summary", {}, "Plan a fault"), form("Plan a fault", "Plan", [h("div", { class: "field" }, h("label", {}, "Kind ", kind), about), options], plan), planned),
  );
  return {
    element,
    async refresh() {
      const { faults } = await get(`${path}/faults`);
      list.replaceChildren(...shown(faults, () => act("DELETE", `${path}/faults`)));
    },
  };
}

function shown(faults, clear) {
  if (!faults.length) return [h("p", { class: "soft" }, "No fault is planned.")];
  const rows = faults.map(({ id, kind, times, skip, match, fired, consumed, ...options }) => [
    String(id),
    kind,
    Object.entries(options).map(([name, value]) => visible(`${name} ${JSON.stringify(value)}`)).join(", "),
    [skip ? `after ${skip} calls` : null, ...Object.entries(match).map(([name, value]) => visible(`${name} ${value}`))].filter(Boolean).join(", ") || "any call",
    h("span", { class: `status ${consumed ? "executed" : "refused"}` }, consumed ? `played ${fired} of ${times}` : fired ? `played ${fired} of ${times}, ${times - fired} pending` : `pending, 0 of ${times} played`),
  ]);
  return [table("Planned faults", ["Fault", "Kind", "Options", "For", "State"], rows), h("button", { type: "button", onclick: clear }, "Remove all faults")];
}

/** The members that a kind of fault allows, and those that it needs. */
export function membersOf(fault, kind) {
  const own = fault.allOf.find((each) => each.if.properties.kind.const === kind).then;
  const members = {};
  for (const [name, each] of Object.entries(fault.properties)) {
    const narrowed = own.properties[name];
    if (name === "kind" || narrowed === false) continue;
    members[name] = narrowed ? { ...each, ...narrowed } : each;
  }
  const order = [...Object.keys(members).filter((name) => !COMMON.includes(name)), ...COMMON];
  return { members: Object.fromEntries(order.map((name) => [name, members[name]])), required: own.required ?? [] };
}

const ABOUT = {
  delay: "The call waits, before it is decided or before its answer.",
  status: "Another answer, with or without the effect of the call.",
  "lose-request": "The connection ends before the mock gets the call. Nothing is executed.",
  "lose-response": "The mock executes the call, and the answer is lost: the reason why idempotency keys exist.",
  truncate: "Only the first bytes of the answer are sent.",
  malformed: "The body of the answer is not JSON.",
  "slow-body": "The body comes in ten pieces.",
  item: "One item of a batch fails like any other item.",
};
