// What the person did last, as a curl command that does the same.

import { copyable, h } from "./dom.js";

const KEPT_MAX = 20;

export function showWhatIsDone(element) {
  const done = [];
  addEventListener("done", ({ detail }) => {
    done.unshift(detail);
    done.splice(KEPT_MAX);
    const wasOpen = element.querySelector("details")?.open ?? true;
    element.hidden = false;
    element.replaceChildren(
      h("details", { open: wasOpen },
        h("summary", {}, "Done: ", h("code", {}, detail.what)),
        copyable("the command", detail.curl),
        done.length > 1 ? h("details", {}, h("summary", {}, `${done.length - 1} before it`), done.slice(1).map((each) => copyable(`the command ${each.what}`, each.curl))) : null),
      h("button", { type: "button", class: "close", "aria-label": "Hide what was done", onclick: () => (element.hidden = true) }, "Hide"),
    );
  });
}
