// The list of documents.
import { announce, find } from "./dom.js";

// It is fetched again and again while it is busy: only news must speak over an answer.
let said = find("#library")?.dataset.summary;
document.addEventListener("htmx:afterSettle", () => {
  const summary = find("#library")?.dataset.summary;
  if (summary !== said) announce(summary);
  said = summary;
});

document.addEventListener("htmx:afterSwap", (event) => {
  if (event.detail.requestConfig?.verb !== "delete") return;
  announce(find("#library")?.dataset.announce);
  find("#library-title")?.focus();
});

// What cannot be undone is asked about in the page itself.
document.addEventListener("htmx:confirm", (event) => {
  const { question, issueRequest } = event.detail;
  if (!question || !find("#confirm")) return;
  event.preventDefault();
  find("#confirm .question").textContent = question;
  find("#confirm").addEventListener("close", () => find("#confirm").returnValue === "yes" && issueRequest(true), { once: true });
  find("#confirm").returnValue = "";
  find("#confirm").showModal();
});
