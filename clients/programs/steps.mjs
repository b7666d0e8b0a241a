// What the Node programs share: a call for each line of stdin, and a line on stdout for each answer.
import { createInterface } from "node:readline";
import { gzipSync } from "node:zlib";

const SEPARATOR = "\x1f";

export function stepOf(line) {
  const [method, url, apiKey, key, form, text] = line.split(SEPARATOR);
  const headers = { Authorization: `Bearer ${apiKey}`, "Content-Type": "application/json" };
  if (key) headers["Idempotency-Key"] = key;
  if (form === "gzip") headers["Content-Encoding"] = "gzip";
  const body = form === "gzip" ? gzipSync(text) : form ? " ".repeat(Number(form)) : text;
  return { method, url, headers, body: method === "GET" ? undefined : body };
}

// `send` returns the status, the value of Retry-After and the body.
export async function serve(send, read = stepOf) {
  for await (const line of createInterface({ input: process.stdin })) {
    let answer;
    try {
      answer = await send(read(line));
    } catch (error) {
      const cause = error.cause ? ` (${error.cause.code ?? error.cause.message})` : "";
      answer = [0, "", `${error.name} ${error.code ?? ""}: ${error.message}${cause}`.replaceAll("\n", " ")];
    }
    process.stdout.write(answer.map((each) => each ?? "").join(SEPARATOR) + "\n");
  }
}
