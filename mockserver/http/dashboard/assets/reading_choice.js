// Answers to readings for one workspace: a line each.

import { catalogue } from "./catalogue.js";
import { h } from "./dom.js";

export async function readingChoice(given = {}) {
  const settable = (await catalogue()).readings.filter((each) => each.settable);
  const lines = h("div", { class: "choices" });
  const element = h("fieldset", {}, h("legend", {}, "Readings"), h("small", {}, "The others are those of the server."), lines, h("button", { type: "button", onclick: () => add() }, "Add a reading"));

  function add(id = settable[0].id, answer = null) {
    const which = h("select", { "aria-label": "Reading", onchange: offer }, settable.map((each) => h("option", { value: each.id, selected: each.id === id }, each.id)));
    const answers = h("select", { "aria-label": "Answer" });
    function offer() {
      const chosen = settable.find((each) => each.id === which.value);
      answers.replaceChildren(...chosen.answers.map((each) => h("option", { value: each.id, selected: each.id === (answer ?? chosen.default) }, `${each.id}: ${each.means}`)));
    }
    offer();
    const line = h("div", { class: "choice" }, which, answers, h("button", { type: "button", class: "quiet", onclick: () => line.remove() }, "Remove"));
    lines.append(line);
  }
  for (const [id, answer] of Object.entries(given)) add(id, answer);
  const value = () => Object.fromEntries([...lines.children].map((line) => [...line.querySelectorAll("select")].map((each) => each.value)));
  return { element, value };
}
