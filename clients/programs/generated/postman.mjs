// The collection that openapi-to-postmanv2 makes, run by newman: a batch, a 402, and the consent to its charge. The base
// URL is that of the collection.
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import newman from "newman";

const convert = createRequire(import.meta.url)("openapi-to-postmanv2");
const [document, token, productId, gtin] = process.argv.slice(2);
const converted = await new Promise((done, failed) =>
  convert.convert({ type: "string", data: readFileSync(document, "utf8") }, {}, (error, result) =>
    error || !result.result ? failed(error ?? result.reason) : done(result.output[0].data),
  ),
);

function itemOf(items) {
  for (const each of items) {
    const found = each.item ? itemOf(each.item) : each.request.url.path.join("/") === "passports/batch" && each;
    if (found) return found;
  }
}

function withBody(serials, more) {
  const passports = serials.map((serialNumber) => ({ productId, gs1: { gtin, serialNumber } }));
  const one = structuredClone(itemOf(converted.item));
  one.request.header = one.request.header.filter(({ key }) => key !== "Idempotency-Key");
  one.request.body.raw = JSON.stringify({ passports, ...more });
  return one;
}

const item = [withBody(["1", "2"]), withBody(["3"]), withBody(["3"], { confirmOverage: true })];
const globals = { values: [{ key: "bearerToken", value: token }] };
newman.run({ collection: { ...converted, item }, globals }, (error, summary) => {
  if (error) throw error;
  for (const { response } of summary.run.executions) console.log(JSON.stringify([response.code, response.json()]));
});
