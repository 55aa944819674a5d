// What answers on an open page: marks or a heat map, and the marks of one word of the question.
import { announce, explain, find } from "./dom.js";
import { goTo } from "./viewer.js";

// ---- Words: the one that is pointed at, has the focus or was chosen shows its marks alone ----

let pointed = null;
let focused = null;

const showWord = () => {
  const chip = [pointed, focused, find(".asked [aria-pressed=true]")].find((each) => each?.isConnected);
  const words = chip?.dataset.words.split(" ");
  find(".stage .marks")?.classList.toggle("chosen", Boolean(words));
  for (const mark of document.querySelectorAll(".stage .marks rect"))
    mark.classList.toggle("aside", Boolean(words) && !words.includes(mark.dataset.word));
};

const chipOf = (event) => event.target.closest?.("[data-words]");
const heard = (name, change) =>
  document.addEventListener(name, (event) => {
    const chip = chipOf(event);
    if (!chip) return;
    change(chip);
    showWord();
  });
heard("pointerover", (chip) => (pointed = chip));
heard("pointerout", () => (pointed = null));
heard("focusin", (chip) => (focused = chip.matches(":focus-visible") ? chip : null));
heard("focusout", () => (focused = null));
heard("click", (chip) => {
  const isChosen = chip.getAttribute("aria-pressed") === "true";
  for (const other of document.querySelectorAll("[data-words]"))
    other.setAttribute("aria-pressed", String(other === chip && !isChosen));
  const first = find(`.stage .marks rect:is(${chip.dataset.words.split(" ").map((word) => `[data-word="${CSS.escape(word)}"]`)})`);
  if (first && !isChosen) goTo(first);
});

// ---- Layers: the heat map is computed when somebody wants to see it, and then on each page of the session ----

const KEY = "vdr-layer";
let layer = "marks";
try {
  layer = sessionStorage.getItem(KEY) ?? layer;
} catch {
  // Where a browser keeps nothing, the choice lasts as long as the page.
}

const choose = (chosen) => {
  layer = chosen;
  try {
    sessionStorage.setItem(KEY, chosen);
  } catch {
    // as above
  }
  showLayer();
};

const setPending = (isPending) => {
  const pending = find(".content .pending");
  pending.hidden = !isPending;
  find(".stage").setAttribute("aria-busy", String(isPending));
  if (isPending) announce(pending.textContent);
};

const explainFailure = async (address) => {
  const silent = ["The service is not responding.", "Check that it is running, then try again."];
  try {
    const response = await fetch(address, { headers: { Accept: "application/json" } });
    const { detail, remedy } = response.ok ? {} : await response.json();
    explain(detail ?? "The heat map could not be loaded.", remedy ?? "Choose it again.");
  } catch {
    explain(...silent);
  }
};

const load = (sheet) => {
  const heat = Object.assign(new Image(), { className: "heat", alt: "", hidden: true });
  heat.addEventListener("load", () => sheet.isConnected && showLayer());
  heat.addEventListener("error", () => {
    heat.remove();
    if (!sheet.isConnected) return; // another page is shown by now
    choose("marks");
    explainFailure(sheet.dataset.heatmap);
  });
  heat.src = sheet.dataset.heatmap;
  sheet.querySelector("img").after(heat);
};

const showLayer = () => {
  const sheet = find(".stage [data-heatmap]");
  if (!sheet) return;
  find(".layers").hidden = false;
  find(`.layers [value=${layer}]`).checked = true;
  const isWanted = layer === "heat";
  if (isWanted && !sheet.querySelector(".heat")) load(sheet);
  const heat = sheet.querySelector(".heat");
  const isShown = isWanted && heat.complete && heat.naturalWidth > 0;
  if (heat) heat.hidden = !isShown;
  sheet.classList.toggle("heated", isShown);
  setPending(isWanted && !isShown);
  if (isShown) announce("Heat map shown");
};

document.addEventListener("change", (event) => {
  if (event.target.matches("[name=layer]")) choose(event.target.value);
});
document.addEventListener("htmx:afterSwap", (event) => {
  if (event.detail.target?.id === "viewer-body") showLayer();
});
showLayer();
