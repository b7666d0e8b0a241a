// got in its default settings, but for the errors it makes of statuses.
import got from "got";
import { serve } from "./steps.mjs";

await serve(async ({ method, url, headers, body }) => {
  const response = await got(url, { method, headers, body, throwHttpErrors: false });
  return [response.statusCode, response.headers["retry-after"], response.body];
});
