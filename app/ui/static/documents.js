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
  const { target, requestConfig } = event.detail;
  if (!requestConfig || (target?.id !== "library" && requestConfig.elt?.id !== "library")) return;
  const isDeletion = requestConfig.verb === "delete" || requestConfig.elt?.id === "chosen";
  if (isDeletion) announce(find("#library")?.dataset.announce);
  // What had the focus is gone: with the row, or with the page of the list.
  if (isDeletion || requestConfig.elt?.closest?.(".pager, .rename")) find("#library-title")?.focus();
});

// ---- Selecting several ----

const picks = () => [...document.querySelectorAll("#library .pick")];
const picked = () => picks().filter((each) => each.checked);
const showChosen = () => {
  const form = find("#chosen");
  if (!form) return;
  const button = form.querySelector("[type=submit]");
  button.disabled = picked().length === 0;
  button.textContent = `Delete ${picked().length} selected`;
  find("#choose-all").checked = picked().length === picks().length;
};
document.addEventListener("change", (event) => {
  if (event.target.id === "choose-all") picks().forEach((each) => (each.checked = event.target.checked));
  if (event.target.matches("#choose-all, .pick")) showChosen();
});

// What somebody is about to do must not be swept away by the next look at the progress.
document.addEventListener("htmx:beforeRequest", (event) => {
  const isPoll = event.detail.elt.id === "library";
  if (isPoll && (picked().length || find(".rename[open]") || find("#confirm[open]"))) event.preventDefault();
});

document.addEventListener("toggle", (event) => {
  if (event.target.matches?.(".rename[open]")) event.target.querySelector("input").select();
}, true);

// What cannot be undone is asked about in the page itself.
document.addEventListener("htmx:confirm", (event) => {
  const { question, issueRequest } = event.detail;
  if (!question || !find("#confirm")) return;
  event.preventDefault();
  const count = picked().length;
  find("#confirm .question").textContent = question.replace("{count}", count === 1 ? "1 document" : `${count} documents`);
  find("#confirm").addEventListener("close", () => find("#confirm").returnValue === "yes" && issueRequest(true), { once: true });
  find("#confirm").returnValue = "";
  find("#confirm").showModal();
});
