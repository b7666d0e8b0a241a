// openapi-fetch with the types that openapi-typescript generates: a batch, a 402, and the consent to its charge.
import createClient from "openapi-fetch";
import type { components, paths } from "./generated";

declare const process: { argv: string[] };
const [baseUrl, token, productId, gtin] = process.argv.slice(2) as [string, string, string, string];
const client = createClient<paths>({ baseUrl, headers: { Authorization: `Bearer ${token}` } });

async function create(serials: string[], confirmOverage?: boolean) {
  const passports = serials.map((serialNumber) => ({ productId, gs1: { gtin, serialNumber } }));
  const body: components["schemas"]["CreatePassportBatch"] = { passports, ...(confirmOverage && { confirmOverage }) };
  const { data, error, response } = await client.POST("/passports/batch", { body });
  if (data) console.log(JSON.stringify([response.status, { summary: { created: data.summary.created } }]));
  else console.log(JSON.stringify([response.status, { error: error.error }]));
}

create(["1", "2"])
  .then(() => create(["3"]))
  .then(() => create(["3"], true));
