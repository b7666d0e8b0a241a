// A call as lines of a test with the fixture `tracepass_workspace`.

const LENGTH_MAX = 4_000;

/** The lines; null for a call that a test would not send so. */
export function pytestOf(workspace, call) {
  const { method, path, body } = call.request;
  if (body.length > LENGTH_MAX || path.includes("[redacted]")) return null;
  let value;
  try {
    value = body ? JSON.parse(body) : undefined;
  } catch {
    return null;
  }
  const headers = ['"Authorization": f"Bearer {tracepass_workspace.api_key}"'];
  if (call.key !== null) headers.push(`"Idempotency-Key": ${python(call.key)}`);
  const lines = [
    ...(call.fault ? [`tracepass_workspace.fault(${python(call.fault.kind)})  # with the options that it was planned with`] : []),
    `reply = httpx.request(`,
    `    ${python(method)},`,
    `    tracepass_workspace.base_url + ${python(path)},`,
    `    headers={${headers.join(", ")}},`,
    ...(value === undefined ? [] : [`    json=${python(value)},`]),
    `)`,
    `assert reply.status_code == ${call.status}`,
  ];
  return lines.join("\n");
}

/** A value as Python writes it. A JSON string is a string of Python, too. */
export function python(value) {
  if (value === null) return "None";
  if (value === true) return "True";
  if (value === false) return "False";
  if (Array.isArray(value)) return `[${value.map(python).join(", ")}]`;
  if (typeof value === "object") return `{${Object.entries(value).map(([name, each]) => `${python(name)}: ${python(each)}`).join(", ")}}`;
  return JSON.stringify(value);
}
