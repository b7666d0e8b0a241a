// fetch of Node in its default settings.
import { serve } from "./steps.mjs";

await serve(async ({ method, url, headers, body }) => {
  const response = await fetch(url, { method, headers, body });
  return [response.status, response.headers.get("Retry-After"), await response.text()];
});
