// The calls: without this they are plain text.
const calls = JSON.parse(document.getElementById("calls").textContent);
for (const place of document.querySelectorAll("[data-call]")) {
  const { request, answer } = calls[place.dataset.call];
  place.replaceChildren(exchange(request, answer));
}
// A button to copy each script; without this the scripts can be selected with one click all the same.
for (const block of document.querySelectorAll("pre.script")) {
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = "Copy the script";
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(block.textContent);
      button.textContent = "Copied";
    } catch {
      getSelection().selectAllChildren(block);
      button.textContent = "Selected: copy it with the keyboard";
    }
  });
  block.before(button);
}
// What is folded is printed all the same.
addEventListener("beforeprint", () => {
  for (const folded of document.querySelectorAll("details:not([open])")) {
    folded.open = true;
    folded.dataset.folded = "";
  }
});
addEventListener("afterprint", () => {
  for (const folded of document.querySelectorAll("details[data-folded]")) {
    folded.open = false;
    delete folded.dataset.folded;
  }
});
// A link to what is folded opens it.
const open = () => document.getElementById(location.hash.slice(1))?.closest("details")?.setAttribute("open", "");
addEventListener("hashchange", open);
open();
