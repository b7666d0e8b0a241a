// The clock of a workspace: shown, frozen, set, advanced, and one step before and after midnight UTC.

import { act } from "./api.js";
import { h } from "./dom.js";
import { form } from "./form.js";

const STEPS = [["1 minute", 60], ["1 hour", 3600], ["1 day", 86_400], ["2 seconds", 2]];

export function clockPanel(path) {
  const shown = h("time", { class: "clock" });
  const state = h("span", {});
  const problem = h("p", { role: "alert", class: "problem" });
  let at = 0;
  let frozen = true;
  let read = 0;

  const now = () => new Date(at + (frozen ? 0 : performance.now() - read));
  function draw() {
    shown.textContent = `${now().toISOString().slice(0, 19).replace("T", " ")} UTC`;
    state.textContent = frozen ? "frozen" : "runs";
  }
  function take(clock) {
    [at, frozen, read] = [Date.parse(clock.now), clock.frozen, performance.now()];
    draw();
  }
  const set = async (body) => {
    problem.textContent = "";
    try {
      take(await act("PUT", `${path}/clock`, body));
    } catch (refused) {
      problem.textContent = refused.message;
    }
  };
  const midnight = (days) => `${new Date(now().getTime() + days * 86_400_000).toISOString().slice(0, 10)}`;
  const advance = async (seconds) => take(await act("POST", `${path}/clock/advance`, { seconds }));
  const button = (text, onclick) => h("button", { type: "button", onclick }, text);
  const given = h("input", { type: "datetime-local", step: 1, required: true });
  const seconds = h("input", { type: "number", min: 0, step: "any", required: true });

  const timer = setInterval(() => (element.isConnected ? draw() : seen && clearInterval(timer)), 1000);
  let seen = false;
  const element = h(
    "section",
    { "aria-label": "Clock" },
    h("h4", {}, "Clock"),
    h("p", {}, shown, " ", state),
    h("div", { class: "buttons" },
      button("Freeze", () => set({ frozen: true })),
      button("Let it run", () => set({ frozen: false })),
      button("One second before midnight", () => set({ now: `${midnight(0)}T23:59:59Z`, frozen: true })),
      button("One second after midnight", () => set({ now: `${midnight(1)}T00:00:01Z`, frozen: true })),
      STEPS.map(([label, step]) => button(`+ ${label}`, () => advance(step)))),
    h("div", { class: "forms" },
      form("Set the clock", "Set", h("label", {}, "Time in UTC ", given), () => set({ now: `${given.value.length === 16 ? `${given.value}:00` : given.value}Z` })),
      form("Advance the clock", "Advance", h("label", {}, "Seconds ", seconds), () => advance(Number(seconds.value)))),
    problem,
  );
  return {
    element,
    refresh(found) {
      seen ||= element.isConnected;
      take(found.clock);
    },
  };
}
