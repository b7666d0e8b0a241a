// The calls of spec/control.yaml. What acts shows its curl line.

const KEPT_AS = "tracepass-control-token"; // in this tab only, never in an address
let asking = null;

/** A refusal of the mock, as it says it. */
export class Problem extends Error {}

function token() {
  return sessionStorage.getItem(KEPT_AS);
}

export function authorization() {
  return token() ? { Authorization: `Bearer ${token()}` } : {};
}

/** Fetch below /_mock. Asks for the token if the mock needs one. */
export async function open(path, options = {}) {
  for (;;) {
    const sent = token();
    const reply = await fetch(`/_mock${path}`, { ...options, headers: { ...options.headers, ...authorization() } });
    if (reply.status !== 401) return reply;
    if (token() === sent) await ask(sent !== null);
  }
}

/** The answer of a call that only reads. */
export async function get(path) {
  return answer(await open(path));
}

/** Do something, and show the command that does the same. */
export async function act(method, path, body) {
  const content = body === undefined ? {} : { body: JSON.stringify(body), headers: { "Content-Type": "application/json" } };
  const reply = await open(path, { method, ...content });
  const result = await answer(reply);
  dispatchEvent(new CustomEvent("done", { detail: { what: `${method} /_mock${path}`, curl: curl(method, path, body) } }));
  return result;
}

async function answer(reply) {
  const text = await reply.text();
  const found = text ? JSON.parse(text) : null;
  if (!reply.ok) throw new Problem(found.detail);
  return found;
}

function curl(method, path, body) {
  const parts = [`curl -sS -X ${method} ${quoted(`${location.origin}/_mock${path}`)}`];
  if (token()) parts.push('-H "Authorization: Bearer $TRACEPASS_MOCK_CONTROL_TOKEN"');
  if (body !== undefined) parts.push("-H 'Content-Type: application/json'", `--data-raw ${quoted(JSON.stringify(body))}`);
  return parts.join(" \\\n  ");
}

/** A word of the shell. */
function quoted(text) {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/** Ask for the token. All calls that wait for it share one question. */
function ask(wasWrong) {
  asking ??= new Promise((done) => {
    const dialog = document.getElementById("token");
    const input = dialog.querySelector("input");
    document.getElementById("token-problem").textContent = wasWrong ? "The mock did not accept this token." : "";
    dialog.addEventListener("cancel", (event) => event.preventDefault());
    dialog.querySelector("form").onsubmit = () => {
      sessionStorage.setItem(KEPT_AS, input.value.trim());
      input.value = "";
      asking = null;
      done();
    };
    dialog.showModal();
  });
  return asking;
}
