// All calls that the page knows: those of the journals, and each that arrives. A call is known by its workspace and its
// number, so it is never there twice, in whatever order journal and events come.

import { get } from "./api.js";

const LINES_MAX = 100_000;
const AT_ONCE = 4;

export class Store {
  constructor() {
    this.clear();
    this.listeners = new Set();
  }

  clear() {
    this.lines = []; // oldest first
    this.known = new Map();
    this.dropped = 0;
    this.loads = (this.loads ?? 0) + 1;
    this.loading = false;
  }

  find(workspace, entry) {
    return this.known.get(idOf(workspace, entry));
  }

  /** Add calls, oldest first. Returns those that are new. */
  add(lines) {
    const fresh = lines.filter((line) => this.#isNew(line));
    this.lines.push(...fresh);
    this.#drop();
    return fresh;
  }

  /** Read all journals. Their calls come before those that have arrived since. */
  async load(told) {
    const load = this.loads;
    this.loading = true;
    const workspaces = (await allWorkspaces()).filter((each) => each.journal.entries > 0);
    const found = [];
    let done = 0;
    const queue = [...workspaces];
    await Promise.all(
      Array.from({ length: AT_ONCE }, async () => {
        for (let each; (each = queue.pop()) && load === this.loads; ) {
          const { entries } = await get(`/workspaces/${encodeURIComponent(each.id)}/journal`);
          let latest = "";
          for (const line of entries) {
            latest = line.at > latest ? line.at : latest; // a clock may have been set back
            found.push({ workspace: each.id, order: latest, ...line });
          }
          told(++done, workspaces.length);
        }
      }),
    );
    if (load !== this.loads) return; // the state was replaced meanwhile
    found.sort((a, b) => (a.order < b.order ? -1 : a.order > b.order ? 1 : a.entry - b.entry));
    const arrived = this.lines;
    this.lines = found.filter((line) => this.#isNew(line)).concat(arrived);
    this.#drop();
    this.loading = false;
  }

  remove(workspace) {
    this.lines = this.lines.filter((line) => line.workspace !== workspace);
    for (const [id, line] of this.known) if (line.workspace === workspace) this.known.delete(id);
  }

  /** The call whose answer this replay repeats: the latest one before it with its key that was no replay. */
  original(replay) {
    for (let entry = replay.entry - 1; entry > 0; entry--) {
      const line = this.find(replay.workspace, entry);
      if (line === undefined) continue;
      if (line.key === replay.key && line.outcome === "executed") return line;
    }
    return null;
  }

  #isNew(line) {
    if (line.entry === undefined) return true; // it is in no journal
    const id = idOf(line.workspace, line.entry);
    if (this.known.has(id)) return false;
    this.known.set(id, line);
    return true;
  }

  #drop() {
    const over = this.lines.length - LINES_MAX;
    if (over <= 0) return;
    for (const line of this.lines.splice(0, over)) this.known.delete(idOf(line.workspace, line.entry));
    this.dropped += over;
  }
}

/** Every workspace of the mock. */
export async function allWorkspaces() {
  const all = [];
  for (let more = true; more; ) {
    const after = all.length ? `&after=${encodeURIComponent(all.at(-1).id)}` : "";
    const part = await get(`/workspaces?limit=500${after}`);
    all.push(...part.workspaces);
    more = part.more;
  }
  return all;
}

/** The workspace of `all` with this id, as it is now. It follows the one before it. */
export async function newest(all, id) {
  const before = all[all.findIndex((each) => each.id === id) - 1];
  const after = before ? `&after=${encodeURIComponent(before.id)}` : "";
  const found = (await get(`/workspaces?limit=1${after}`)).workspaces[0];
  return found?.id === id ? found : null;
}

function idOf(workspace, entry) {
  return `${entry} ${workspace}`;
}
