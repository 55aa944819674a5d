// What people do with the pages that a search has found: opened, copied from, and looked at for how long.
// It is told to the service alone, and only where it keeps searches: without a search there is nobody to tell.
import { find } from "./dom.js";

const SHORTEST_MS = 1000; // less is a glance on the way to the next page
const KEY = "vdr-reporter";
let reporter = "";

// Tells one visitor from another as long as the tab is open, and nothing about either.
const whoever = () => {
  if (reporter) return reporter;
  const made = [...crypto.getRandomValues(new Uint8Array(8))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  try {
    reporter = sessionStorage.getItem(KEY) ?? made;
    sessionStorage.setItem(KEY, reporter);
  } catch {
    reporter = made; // where a browser keeps nothing, it lasts as long as the page
  }
  return reporter;
};

const addressOf = () => find("[data-feedback]")?.dataset.feedback;
const tell = (kind, { search, document: document_id, page }, more = {}) => {
  const told = { search_id: search, kind, document_id, page_number: page, reporter: whoever(), ...more };
  if (search && addressOf()) navigator.sendBeacon(addressOf(), new URLSearchParams(told));
};

document.addEventListener("htmx:configRequest", (event) => {
  if (event.target.matches(".judge")) event.detail.parameters.reporter = whoever();
});

// ---- Opened, and looked at: the time that a page was in sight, all visits to it together ----

const looked = new Map();
let shown = null;
let since = 0;

const stop = () => {
  if (!shown || !since) return;
  const key = `${shown.search} ${shown.document} ${shown.page}`;
  const ms = (looked.get(key) ?? 0) + Math.round(performance.now() - since);
  since = 0;
  looked.set(key, ms);
  if (ms >= SHORTEST_MS) tell("dwelt", shown, { dwelt_ms: ms });
};
const leave = () => {
  stop();
  shown = null;
};

document.addEventListener("htmx:afterSwap", (event) => {
  if (event.detail.target?.id !== "viewer-body") return;
  leave();
  const article = find("#viewer-body .viewer");
  if (!article?.dataset.search) return;
  shown = { ...article.dataset };
  since = performance.now();
  tell("opened", shown);
});
document.addEventListener("close", (event) => event.target.id === "viewer" && leave(), true);
document.addEventListener("visibilitychange", () => {
  if (document.visibilityState === "hidden") stop();
  else if (shown) since = performance.now();
});
window.addEventListener("pagehide", stop);

// ---- In another tab, or copied from ----

const hitOf = (element) => {
  const hit = element?.closest?.(".hit");
  return hit && { ...hit.dataset, search: hit.closest(".found").dataset.search };
};
const elsewhere = (event) => {
  const hit = event.target.closest?.(".hit .open") && hitOf(event.target);
  if (hit && (event.button === 1 || event.ctrlKey || event.metaKey || event.shiftKey)) tell("opened", hit);
};
document.addEventListener("click", elsewhere);
document.addEventListener("auxclick", elsewhere);
document.addEventListener("click", (event) => {
  if (event.target.closest?.("[data-copy='#print']") && shown) tell("copied", shown);
});
document.addEventListener("copy", (event) => {
  const from = event.target.nodeType === Node.TEXT_NODE ? event.target.parentElement : event.target;
  if (from?.closest?.("#viewer .viewer")) tell("copied", shown ?? {});
  else if (hitOf(from)) tell("copied", hitOf(from));
});
