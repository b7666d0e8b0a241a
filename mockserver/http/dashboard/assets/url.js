// What is looked at stands behind the # of the address: the view, the filter, the opened call. So it survives a reload,
// can be sent to a colleague, and belongs to one tab only.

const listeners = new Set();
export const now = () => Object.fromEntries(new URLSearchParams(location.hash.slice(1)));

/** The address with these changes. A change to "" or null removes a member. */
export function withChanges(changes) {
  const members = { ...now(), ...changes };
  return `#${new URLSearchParams(Object.entries(members).filter(([, value]) => value))}`;
}

export function change(changes, { replace = false } = {}) {
  const to = withChanges(changes);
  if (to === location.hash) return;
  if (replace) history.replaceState(null, "", to);
  else history.pushState(null, "", to);
  tell();
}

export function listen(listener) {
  listeners.add(listener);
}

function tell() {
  for (const each of listeners) each(now());
}

addEventListener("popstate", tell); // also after a link to another # was followed
