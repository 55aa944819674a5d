// Asking, and what is found.
import { announce, explain, find, isTyping } from "./dom.js";

document.addEventListener("htmx:afterSwap", (event) => {
  const { target, requestConfig } = event.detail;
  if (target?.id !== "results") return;
  const found = target.querySelector(".found");
  if (!found) return;
  announce(found.dataset.announce);
  document.title = found.dataset.title;
  document.dispatchEvent(new Event("vdr:titled"));
  const first = requestConfig?.elt?.dataset?.next;
  if (first) {
    target.querySelectorAll(".hit .open")[Number(first)]?.focus();
    return;
  }
  window.scrollTo({ top: 0 });
  // On a phone the keyboard would cover the answer.
  if (matchMedia("(pointer: coarse)").matches) document.activeElement?.blur();
});

document.addEventListener("htmx:beforeRequest", (event) => {
  if (event.detail.requestConfig.headers["HX-Trigger"] !== "library")
    document.querySelectorAll("#problems, #viewer-problem").forEach((place) => place.replaceChildren());
});
document.addEventListener("htmx:sendError", () =>
  explain("The service is not responding.", "Check that it is running, then try again."));

document.addEventListener("document-deleted", (event) => {
  for (const id of event.detail.ids)
    document.querySelectorAll(`.hit[data-document="${id}"]`).forEach((hit) => hit.remove());
});

document.addEventListener("click", (event) => {
  const example = event.target.closest?.("[data-example]");
  if (!example) return;
  event.preventDefault();
  find("#q").value = example.textContent.trim();
  find("#search").requestSubmit();
});

// A change of mode, document or grouping asks the same question again.
document.addEventListener("change", (event) => {
  if (!event.target.matches("#search :is(input[type=radio], input[type=checkbox]), #document")) return;
  if (find("#q").value.trim()) find("#search").requestSubmit();
  else if (find("#image").files.length) find("#image-search").requestSubmit();
});

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
  if (event.key !== "/" || !find("#q") || find("dialog[open]")) return;
  event.preventDefault();
  find("#q").select();
});

// Copying: of an address, or of the text of an element.
const copyBySelecting = (text) => {
  const field = Object.assign(document.createElement("textarea"), { value: text, className: "unseen" });
  (find("dialog[open]") ?? document.body).append(field);
  field.select();
  document.execCommand("copy");
  field.remove();
};

document.addEventListener("click", async (event) => {
  const button = event.target.closest?.("[data-copy]");
  if (!button) return;
  const source = button.dataset.copy;
  const text = source.startsWith("#") ? find(source).innerText.trim() : new URL(source || location.href, location).href;
  // Browsers offer the clipboard to pages of https and of this computer alone.
  if (navigator.clipboard) await navigator.clipboard.writeText(text);
  else copyBySelecting(text);
  const label = button.querySelector("span") ?? button;
  const before = label.textContent;
  label.textContent = "Copied";
  announce("Copied");
  button.focus();
  setTimeout(() => (label.textContent = before), 2000);
});
