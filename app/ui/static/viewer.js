// The viewer: a page in a dialog that has the page's own address, or alone at that address.
import { announce, find, isTyping } from "./dom.js";

const ZOOMS = [1, 1.25, 1.5, 2, 3, 4];
const LINE_PX = 60;
const dialog = () => find("#viewer");
const stage = () => find(".stage");
const isOpen = () => dialog()?.open ?? false;
const here = () => location.pathname + location.search;

// ---- History: opening a page goes one step forward, turning pages none, and Back closes the viewer ----

let behind = here();
let titleBehind = document.title;

const note = () => {
  behind = here();
  titleBehind = document.title;
};

const opened = (article) => {
  const { address, fragment, title } = article.dataset;
  if (!isOpen()) {
    titleBehind = document.title;
    dialog().showModal();
    stage().focus();
  }
  const state = { viewer: fragment, behind };
  if (history.state?.viewer) history.replaceState(state, "", address);
  else history.pushState(state, "", address);
  document.title = title;
};

// Heard before htmx, which would load the whole page that is there already.
window.addEventListener("popstate", (event) => {
  const wanted = event.state?.viewer;
  if (wanted && event.state.behind === behind && dialog()) {
    event.stopImmediatePropagation();
    htmx.ajax("GET", wanted, { target: "#viewer-body" });
  } else if (wanted) {
    event.stopImmediatePropagation();
    location.reload(); // the page alone, with a way back to the results
  } else {
    if (here() === behind) event.stopImmediatePropagation();
    dialog()?.close();
    behind = here();
  }
});

document.addEventListener(
  "close",
  (event) => {
    if (event.target !== dialog()) return;
    find("#viewer-body").replaceChildren();
    document.title = titleBehind;
    if (history.state?.viewer) history.back();
  },
  true, // it does not bubble
);

for (const moved of ["htmx:pushedIntoHistory", "htmx:replacedInHistory", "htmx:historyRestore"])
  document.addEventListener(moved, note);
document.addEventListener("vdr:titled", note);

// ---- What is shown ----

document.addEventListener("htmx:beforeSwap", (event) => {
  // The place for problems is behind the dialog.
  if (isOpen() && event.detail.isError) event.detail.target = find("#viewer-problem");
});

document.addEventListener("htmx:afterSwap", (event) => {
  if (event.detail.target?.id !== "viewer-body") return;
  const article = find("#viewer-body .viewer");
  if (!article) return;
  find("#viewer-problem").replaceChildren();
  opened(article);
  showDensest();
  announce(article.dataset.announce);
});

document.addEventListener("htmx:afterSettle", () => {
  // A step at the first or last page is gone after the swap; the keyboard must not fall out of the dialog.
  if (isOpen() && (!dialog().contains(document.activeElement) || document.activeElement === dialog()))
    stage()?.focus();
  showZoom();
});

document.addEventListener("click", (event) => {
  if (event.target === dialog()) dialog().close();
});

// ---- Zoom: of the viewer, so that it stays when pages are turned ----

let zoom = 1;

const showZoom = () => {
  const element = find(".viewer");
  if (!element) return;
  element.style.setProperty("--zoom", zoom);
  element.querySelector(".zoom output").textContent = `${100 * zoom} %`;
  for (const button of element.querySelectorAll("[data-zoom]"))
    button.disabled = zoom === ZOOMS.at(button.dataset.zoom < 0 ? 0 : -1);
};

const zoomTo = (wanted) => {
  const view = stage();
  const middle = (scroll, client, whole) => (scroll + client / 2) / whole;
  const x = middle(view.scrollLeft, view.clientWidth, view.scrollWidth);
  const y = middle(view.scrollTop, view.clientHeight, view.scrollHeight);
  zoom = wanted;
  showZoom();
  view.scrollLeft = x * view.scrollWidth - view.clientWidth / 2;
  view.scrollTop = y * view.scrollHeight - view.clientHeight / 2;
};

const zoomBy = (steps) => {
  const place = ZOOMS.indexOf(zoom) + steps;
  zoomTo(ZOOMS[Math.min(Math.max(place, 0), ZOOMS.length - 1)]);
};

document.addEventListener("click", (event) => {
  const button = event.target.closest?.("[data-zoom]");
  if (button) zoomBy(Number(button.dataset.zoom));
});

// ---- Matches: the viewer opens where most of them stand, and goes from line to line ----

const matches = () => [...document.querySelectorAll(".stage .marks rect:not(.aside)")];
const LINE = 0.01; // of the page's height: marks that are no further apart stand in one line

export const goTo = (match) => {
  for (const other of document.querySelectorAll(".stage .marks rect")) other.classList.toggle("current", other === match);
  match.scrollIntoView({ block: "center", inline: "center" });
};

const goBy = (steps) => {
  const all = matches();
  const height = (match) => Number(match.getAttribute("y"));
  const from = Math.max(all.findIndex((match) => match.classList.contains("current")), 0);
  for (let step = 1; step <= all.length; step += 1) {
    const match = all.at((from + steps * step) % all.length);
    if (Math.abs(height(match) - height(all[from])) > LINE) return goTo(match);
  }
  if (all.length) goTo(all[from]);
};

const showDensest = () => {
  const match = find(".stage .marks [data-densest]");
  const image = find(".stage img");
  if (!match) return;
  const show = () => match.isConnected && goTo(match);
  if (image.complete) show();
  else image.addEventListener("load", show, { once: true });
};

document.addEventListener("click", (event) => {
  const button = event.target.closest?.("[data-match]");
  if (button) goBy(Number(button.dataset.match));
});

// ---- Keys ----

const isWide = () => stage() && stage().scrollWidth > stage().clientWidth + 1;
const turn = (id) => find(`a#${id}`)?.click();
const scroll = (dy) => stage()?.scrollBy({ top: dy });
const KEYS = {
  ArrowLeft: () => turn("previous-page"),
  ArrowRight: () => turn("next-page"),
  "+": () => zoomBy(1),
  "=": () => zoomBy(1),
  "-": () => zoomBy(-1),
  0: () => zoomTo(1),
  n: () => goBy(1),
  N: () => goBy(-1),
};
// The browser scrolls what has the focus; elsewhere in the viewer these would scroll what is behind it.
const SCROLLS = {
  ArrowUp: () => scroll(-LINE_PX),
  ArrowDown: () => scroll(LINE_PX),
  PageUp: () => scroll(-0.9 * stage().clientHeight),
  PageDown: () => scroll(0.9 * stage().clientHeight),
  Home: () => scroll(-stage().scrollHeight),
  End: () => scroll(stage().scrollHeight),
};

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
  if (!isOpen() && !find(".standalone")) return;
  if (event.target.type === "radio" && event.key.startsWith("Arrow")) return; // chooses another one
  const isScrolled = event.target.closest?.(".stage, .words");
  const isSideways = event.key.startsWith("Arrow") && !event.key.endsWith("Up") && !event.key.endsWith("Down");
  if (isSideways && isWide() && event.target.closest?.(".stage")) return;
  const act = KEYS[event.key] ?? (isScrolled ? undefined : SCROLLS[event.key]);
  if (act) {
    event.preventDefault();
    act();
  } else if (event.key === "Escape" && find(".standalone")) {
    find("#close-viewer").click();
  }
});

showZoom();
showDensest();
