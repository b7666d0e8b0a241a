// The page: joins the stream of events, the store of calls and the views.

import { Calls } from "./calls.js";
import { showWhatIsDone } from "./done.js";
import { follow } from "./events.js";
import { Readings } from "./readings.js";
import { Rules } from "./rules.js";
import { Store } from "./store.js";
import * as url from "./url.js";
import { Workspaces } from "./workspaces.js";

const store = new Store();
const views = { calls: new Calls(store), workspaces: new Workspaces(), readings: new Readings(), rules: new Rules() };
const main = document.getElementById("main");
const connection = document.getElementById("connection");

async function show(state) {
  const name = views[state.view] ? state.view : "calls";
  const view = views[name];
  if (main.firstElementChild !== view.element) main.replaceChildren(view.element);
  for (const link of document.querySelectorAll("nav [data-view]")) {
    const current = link.dataset.view === name;
    if (current) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
    const { workspace } = state; // the views share the workspace that is looked at
    link.href = `#${new URLSearchParams({ view: link.dataset.view, ...(workspace ? { workspace } : {}) })}`;
  }
  document.title = `${name[0].toUpperCase()}${name.slice(1)} · TracePass mock`;
  try {
    await view.show(state);
  } catch (problem) {
    say(problem.message);
  }
}

function say(text, isGood = false) {
  connection.textContent = text;
  connection.className = isGood ? "good" : "bad";
}

/** Read everything again: at the start, and when the page may have missed something. */
async function reload() {
  store.clear();
  views.calls.replaced();
  const loading = store.load((done, all) => {
    store.loaded = `${done} of ${all} journals read`;
  });
  views.calls.refresh();
  try {
    await loading;
  } catch (problem) {
    say(problem.message);
  }
  views.calls.replaced();
}

async function refreshReadings(workspace) {
  try {
    await views.readings.changed(workspace);
  } catch (problem) {
    say(problem.message);
  }
}

const REPLACES_ALL = new Set(["reset", "setState"]);

function take(events) {
  const arrived = [];
  const changed = new Set();
  let mustReload = false;
  for (const { event, data } of events) {
    if (event === "ready" || event === "gap") mustReload = true;
    else if (event === "change") {
      changed.add(data.workspace);
      mustReload ||= REPLACES_ALL.has(data.operation);
      if (data.operation === "clearJournal") {
        store.remove(data.workspace);
        views.calls.refresh();
      }
      if (data.operation === "setReadings" || data.operation === "updateWorkspace") refreshReadings(data.workspace);
    } else {
      if (data.workspace) changed.add(data.workspace);
      arrived.push(data);
    }
  }
  if (mustReload) {
    reload();
    changed.add(null);
    refreshReadings(null);
  }
  const fresh = store.add(arrived);
  if (fresh.length) views.calls.arrived(fresh);
  for (const workspace of changed) views.workspaces.changed(workspace);
}

showWhatIsDone(document.getElementById("done"));
url.listen(show);
show(url.now());
follow(take, (connected, problem) => say(connected ? "Connected" : `Not connected: ${problem} Trying again.`, connected));
