// Sends each body of the arguments with fetch in its default settings, and prints the status of each answer.
const [url, apiKey, idempotencyKey, ...bodies] = process.argv.slice(2);
for (const body of bodies) {
  const response = await fetch(url, {
    method: "POST",
    headers: {
      Authorization: `Bearer ${apiKey}`,
      "Idempotency-Key": idempotencyKey,
      "Content-Type": "application/json",
    },
    body,
  });
  console.log(response.status, await response.text());
}
