// axios in its default settings, but for the errors it makes of statuses, and the JSON that it parses.
import axios from "axios";
import { serve } from "./steps.mjs";

await serve(async ({ method, url, headers, body }) => {
  const options = { validateStatus: () => true, transformResponse: (text) => text };
  const response = await axios({ method, url, headers, data: body, ...options });
  return [response.status, response.headers["retry-after"], response.data];
});
