// The client that @hey-api/openapi-ts generates: a batch, a 402, and the consent to its charge.
import { createPassportBatch } from "./generated";
import { client } from "./generated/client.gen";

declare const process: { argv: string[] };
const [baseUrl, token, productId, gtin] = process.argv.slice(2) as [string, string, string, string];
client.setConfig({ baseUrl, auth: token });

async function create(serials: string[], confirmOverage?: boolean) {
  const passports = serials.map((serialNumber) => ({ productId, gs1: { gtin, serialNumber } }));
  const { data, error, response } = await createPassportBatch({
    body: { passports, ...(confirmOverage && { confirmOverage }) },
  });
  if (data) console.log(JSON.stringify([response?.status, { summary: { created: data.summary.created } }]));
  else console.log(JSON.stringify([response?.status, { error: error?.error }]));
}

create(["1", "2"])
  .then(() => create(["3"]))
  .then(() => create(["3"], true));
