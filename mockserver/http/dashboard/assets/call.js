// One call: what was asked and answered, and why.

import { get } from "./api.js";
import { outcomeOf } from "./calls.js";
import { cents, copyable, count, h, plural, prose, reading, rule, table, visible } from "./dom.js";
import { exchange } from "./exchange.js";
import { sentenceOf, readingOf } from "./catalogue.js";
import { pytestOf } from "./pytest_line.js";
import { withChanges } from "./url.js";

/** The elements that show a call. */
export async function showCall(store, workspace, entry, close) {
  const button = h("button", { type: "button", class: "close", onclick: close }, "Close");
  let call;
  try {
    call = await get(`/workspaces/${encodeURIComponent(workspace)}/journal/${encodeURIComponent(entry)}`);
  } catch (problem) {
    const title = h("h3", { tabindex: "-1" }, `Call ${visible(entry)} of ${visible(workspace)}`);
    return [title, button, h("p", { role: "alert" }, `The mock can't show this call: ${problem.message}`)];
  }
  return [
    h("h3", { tabindex: "-1" }, `Call ${call.entry} of `, h("a", { href: withChanges({ view: "workspaces", workspace, open: "" }) }, visible(workspace)), `: ${call.operation} `, h("span", { class: `status ${outcomeOf(call)}` }, String(call.status))),
    button,
    await because(call),
    replayOf(store, workspace, call),
    faultIn(call),
    failedItems(call),
    exchange({ first: `${call.request.method} ${call.request.path}`, ...call.request }, { first: String(call.response.status), ...call.response }),
    h("div", { class: "two" }, checks(call), balances(call)),
    await readingsThatCount(call),
    warnings(call),
    h("h4", {}, "Send it again"),
    copyable("the curl command", call.curl),
    pytest(workspace, call),
  ].filter(Boolean);
}

async function because(call) {
  return h("p", { class: "because" }, h("b", {}, `${call.outcome[0].toUpperCase()}${call.outcome.slice(1)} by `), rule(call.rule), ": ", prose(await sentenceOf(call.rule)));
}

function replayOf(store, workspace, call) {
  if (call.outcome !== "replayed") return null;
  const original = store.original({ workspace, ...call });
  if (!original) return h("p", {}, "This is a replay. Its original is no longer in the journal.");
  const open = `${workspace}/${original.entry}`;
  return h("p", {}, "This is a replay: nothing was executed again. ", h("a", { href: withChanges({ open }), class: "original" }, `Open the original, call ${original.entry}`));
}

function faultIn(call) {
  if (!call.fault) return null;
  return h("p", {}, h("b", { class: "mark fault" }, `fault: ${call.fault.kind}`), ` The planned fault ${call.fault.id} was played for this call. The answer below is the one before the fault.`);
}

/** The items of a batch that failed, with their reasons: what people look for first. */
function failedItems(call) {
  const answered = parsed(call.response.body)?.results;
  if (!Array.isArray(answered)) return null;
  const failed = answered.filter((each) => each.status === "error");
  if (!failed.length) return null;
  const asked = parsed(call.request.body)?.passports ?? [];
  const rows = failed.slice(0, 100).map((each) => [String(each.index), visible(asked[each.index]?.gs1?.serialNumber ?? ""), visible(String(each.error))]);
  return table(`${failed.length} of ${plural(answered.length, "item")} failed`, ["Item", "Serial number", "Reason"], rows, { class: "failed-items" });
}

/** The value of JSON; undefined for other text. */
function parsed(body) {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

function checks(call) {
  const rows = call.because.checks.map((check, nth) => [
    String(nth + 1),
    rule(check.rule),
    h("span", { class: `status ${check.outcome === "passed" ? "executed" : check.outcome}` }, check.outcome),
    Object.entries(check.numbers).map(([name, value]) => `${name.replaceAll("_", " ")} ${value}`).join(", "),
  ]);
  return table("The checks, in their order", ["Step", "Rule", "Outcome", "Numbers"], rows);
}

const BALANCES = [["writes_used", "Writes used today"], ["writes_left", "Writes left today"], ["reads_used", "Reads used today"], ["reads_left", "Reads left today"], ["passports_used", "Passports used"], ["passports_left", "Passports left"], ["overage_count", "Passports beyond the plan"], ["overage_cents", "Charged for them"]];

function balances({ before, after }) {
  const shown = (name, value) => (value === null ? "no limit" : name === "overage_cents" ? cents(value) : count(value));
  const rows = BALANCES.map(([name, label]) => {
    const changed = before[name] !== after[name];
    return [label, shown(name, before[name]), changed ? h("b", {}, shown(name, after[name])) : shown(name, after[name])];
  });
  return table("Balances", ["Balance", "Before", "After"], rows, { class: "numbers" });
}

/** The readings that the mock looked at. Those that differ from the default come first and say so. */
async function readingsThatCount(call) {
  const { consulted, readings } = call.because;
  const found = await Promise.all(consulted.map(async (id) => ({ id, answer: readings[id], about: await readingOf(id) })));
  found.sort((a, b) => (a.answer === a.about.default) - (b.answer === b.about.default));
  const rows = found.map(({ id, answer, about }) => [reading(id), prose(about.question), h("span", {}, h("code", {}, answer), answer === about.default ? "" : h("b", { class: "mark" }, "not the default"))]);
  if (!rows.length) return h("p", { class: "soft" }, "The mock looked at no reading for this answer.");
  return h("details", { open: found[0].answer !== found[0].about.default }, h("summary", {}, `The mock looked at ${plural(rows.length, "reading")} for this answer`), table("Readings", ["Reading", "Question", "Answer"], rows), h("p", { class: "soft" }, "Not all of them changed the answer. A reading that says which requests are valid, such as ", reading("idempotency.key-syntax"), ", is not always listed."));
}

function warnings(call) {
  if (!call.warnings.length) return null;
  const rows = call.warnings.map((each) => [h("code", {}, visible(each.where)), visible(each.expected), visible(each.found), reading(each.reading)]);
  return table("Mistakes that the readings tolerate", ["Where", "Expected", "Found", "Reading"], rows);
}

function pytest(workspace, call) {
  const line = pytestOf(workspace, call);
  return line ? h("details", {}, h("summary", {}, "The same in a test, with pytest"), copyable("the pytest lines", line)) : null;
}

