// The sentences of the rules and the readings. They do not change while the mock runs.

import { get } from "./api.js";

let found = null;

export async function catalogue() {
  found ??= get("/catalogue").catch((problem) => {
    found = null;
    throw problem;
  });
  return found;
}

export async function sentenceOf(id) {
  return (await catalogue()).rules.find((each) => each.id === id)?.sentence ?? "";
}

export async function readingOf(id) {
  return (await catalogue()).readings.find((each) => each.id === id);
}
