// fetch of a page in headless Chromium. The page has another origin than the mock. The argument names a picture to take.
import { writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { chromium } from "playwright-core";
import { serve, stepOf } from "./steps.mjs";

const PAGE = `<!doctype html><title>A page of another origin</title>
<style>body { font: 16px sans-serif } td, th { padding: 2px 12px; text-align: left }</style>
<h1>A page of another origin</h1><p id="origin"></p>
<table><thead><tr><th>call</th><th>status</th><th>Mock-Rule</th><th>what the page reads</th></tr></thead><tbody></tbody></table>
<script>
  document.querySelector("#origin").textContent = "This page: " + location.origin;
  async function bytesOf(text) {
    return new Response(new Blob([text]).stream().pipeThrough(new CompressionStream("gzip"))).arrayBuffer();
  }
  function row(...cells) {
    const row = document.querySelector("tbody").insertRow();
    for (const cell of cells) row.insertCell().textContent = cell;
  }
  async function send({ method, url, headers, text, form }) {
    const body = method === "GET" ? undefined : form === "gzip" ? await bytesOf(text) : form ? " ".repeat(form) : text;
    try {
      const response = await fetch(url, { method, headers, body });
      const answer = await response.text();
      const { summary, error } = JSON.parse(answer);
      const path = new URL(url).pathname;
      row(method + " " + path, response.status, response.headers.get("Mock-Rule"), error ?? JSON.stringify(summary));
      return [response.status, response.headers.get("Retry-After"), answer];
    } catch (error) {
      row(method + " " + new URL(url).pathname, "none", "", String(error));
      throw error;
    }
  }
</script>`;

const server = createServer((_, response) => response.setHeader("Content-Type", "text/html").end(PAGE));
await new Promise((listening) => server.listen(0, "127.0.0.1", listening));
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM,
  args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking"],
});
const page = await browser.newPage({ viewport: { width: 1100, height: 760 } });
await page.goto(`http://localhost:${server.address().port}/`);
await serve(async (step) => page.evaluate((given) => send(given), step), (line) => {
  const [, , , , form, text] = line.split("\x1f");
  return { ...stepOf(line), body: undefined, form, text };
});
if (process.argv[2]) writeFileSync(process.argv[2], await page.screenshot());
await browser.close();
server.close();
