// The ledger of a workspace: what each call took, its sums beside the balances, and a plot over time.

import { get } from "./api.js";
import { cents, count, h, svg, table, time, visible } from "./dom.js";
import { withChanges } from "./url.js";

const ROWS_MAX = 200;
const POINTS_MAX = 400;
const LONG = 1_000; // rows: such a ledger is read less often
const LONG_MS = 5_000;

export function ledgerPanel(path) {
  const content = h("div", {});
  const element = h("details", { class: "ledger" }, h("summary", {}, "Ledger"), content);
  let latest = null;
  let readAt = -Infinity;
  let later = null;
  async function draw() {
    if (!element.open || !latest) return;
    const wait = readAt + LONG_MS - performance.now();
    if (wait > 0) {
      later ??= setTimeout(() => {
        later = null;
        draw();
      }, wait);
      return;
    }
    const ledger = await get(`${path}/ledger`);
    if (ledger.entries.length > LONG) readAt = performance.now();
    content.replaceChildren(...shown(ledger, latest));
  }
  element.addEventListener("toggle", () => draw());
  return {
    element,
    refresh(found) {
      latest = found;
      return draw();
    },
  };
}

function shown({ totals, entries }, found) {
  const today = found.clock.now.slice(0, 10);
  const ofToday = entries.filter((each) => each.at.slice(0, 10) === today);
  const sum = (rows, name) => rows.reduce((total, each) => total + each[name], 0);
  const sums = [
    ["Writes today", found.writes_used, sum(ofToday, "writes"), count],
    ["Reads today", found.reads_used, sum(ofToday, "reads"), count],
    ["Passports", found.passports_used, totals.passports, count],
    ["Overage, passports", found.overage_count, sum(entries, "overage_count"), count],
    ["Overage", found.overage_cents, sum(entries, "overage_cents"), cents],
  ].map(([label, balance, calls, shownAs]) => [label, shownAs(balance - calls), shownAs(calls), shownAs(balance)]);
  const rows = entries.slice(-ROWS_MAX).reverse().map((each) => [
    h("a", { href: withChanges({ view: "calls", open: `${found.id}/${each.entry}` }) }, String(each.entry)),
    h("span", { class: "nowrap" }, time(each.at).slice(0, 19)), each.operation, h("code", {}, visible(each.key ?? "")), each.outcome, String(each.status),
    String(each.writes), String(each.reads), String(each.passports), each.overage_cents ? cents(each.overage_cents) : "",
  ]);
  const older = entries.length - rows.length;
  return [
    table("Sums", ["Amount", "Set at the start or by hand", "Taken by calls", "Balance"], sums, { class: "numbers sums" }),
    h("p", { class: "soft" }, `${count(totals.executions)} executed, ${count(totals.replays)} replayed, ${count(totals.refusals)} refused, ${count(totals.failures)} failed.`),
    plot(entries),
    table("What each call took", ["Call", "Time", "Operation", "Idempotency key", "Outcome", "Status", "Writes", "Reads", "Passports", "Overage"], rows),
    older > 0 ? h("p", { class: "soft" }, `${count(older)} older not shown.`) : null,
  ].filter(Boolean);
}

/** Writes and passports, added up over the time of the workspace. */
function plot(entries) {
  if (entries.length < 2) return null;
  const [width, height] = [600, 140];
  const at = entries.map((each) => Date.parse(each.at));
  const [from, to] = [Math.min(...at), Math.max(...at)];
  const added = { writes: [], passports: [] };
  for (const [name, sums] of Object.entries(added)) {
    let total = 0;
    for (const each of entries) sums.push((total += each[name]));
  }
  const top = Math.max(1, ...added.writes, ...added.passports);
  const step = Math.ceil(entries.length / POINTS_MAX);
  const points = (sums) => sums
    .map((value, n) => [to > from ? ((at[n] - from) / (to - from)) * width : (n / (sums.length - 1)) * width, height - (value / top) * height])
    .filter((_, n) => n % step === 0 || n === sums.length - 1)
    .map((each) => each.map((number) => number.toFixed(1)).join(","))
    .join(" ");
  const last = (name) => count(added[name].at(-1));
  const label = `Over time: ${last("writes")} writes and ${last("passports")} passports, added up from ${time(entries[0].at)} to ${time(entries.at(-1).at)}`;
  return h("figure", {},
    svg("svg", { viewBox: `-2 -4 ${width + 4} ${height + 8}`, role: "img", "aria-label": label, class: "plot" },
      svg("line", { x1: 0, x2: width, y1: height, y2: height, class: "axis" }),
      svg("polyline", { points: points(added.writes), class: "writes" }),
      svg("polyline", { points: points(added.passports), class: "passports" })),
    h("figcaption", {}, h("span", { class: "key-writes" }, "Writes "), h("span", { class: "key-passports" }, "Passports "), `added up, ${time(entries[0].at).slice(0, 19)} to ${time(entries.at(-1).at).slice(0, 19)}; the top is ${count(top)}`));
}
