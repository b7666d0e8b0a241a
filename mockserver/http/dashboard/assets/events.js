// Follows GET /_mock/events. EventSource can't send a token, so the stream is read with fetch.

import { open } from "./api.js";

const SILENCE_MS = 40_000; // the mock sends a comment every 15 seconds
const WAITS_MS = [500, 1000, 2000, 5000];
let lastId = null;

/** Give each event to `listener`, and say with `told` whether the stream is connected. Never ends. */
export async function follow(listener, told) {
  for (let failures = 0; ; failures++) {
    try {
      const stop = new AbortController();
      const headers = lastId === null ? {} : { "Last-Event-ID": lastId };
      const reply = await open("/events", { headers, signal: stop.signal, cache: "no-store" });
      if (!reply.ok) throw new Error((await reply.json()).detail);
      failures = 0;
      told(true, "");
      await read(reply.body, listener, stop);
      told(false, "The mock has closed the connection.");
    } catch (error) {
      told(false, error instanceof TypeError ? "The mock does not answer." : error.message);
    }
    await new Promise((done) => setTimeout(done, WAITS_MS[Math.min(failures, WAITS_MS.length - 1)]));
  }
}

async function read(body, listener, stop) {
  let timer;
  const alive = () => {
    clearTimeout(timer);
    timer = setTimeout(() => stop.abort(new Error("The mock has been silent for too long.")), SILENCE_MS);
  };
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let rest = "";
  alive();
  try {
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return;
      alive();
      const blocks = (rest + decoder.decode(value, { stream: true })).split("\n\n");
      rest = blocks.pop();
      const events = blocks.map(parse).filter((each) => each.event);
      if (events.length) {
        listener(events);
        lastId = events.at(-1).id;
      }
    }
  } finally {
    clearTimeout(timer);
  }
}

function parse(block) {
  const found = {};
  for (const line of block.split("\n")) {
    const at = line.indexOf(": ");
    if (at > 0) found[line.slice(0, at)] = line.slice(at + 2);
  }
  return { ...found, data: found.data ? JSON.parse(found.data) : null };
}
