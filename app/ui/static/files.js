// Files: chosen or dropped, on their way up, and locked ones that wait for their password.
import { find } from "./dom.js";

const IMAGES = ["image/png", "image/jpeg", "image/webp"];
const holdsFiles = (event) => [...(event.dataTransfer?.types ?? [])].includes("Files");
const isImage = (files) => files.length === 1 && IMAGES.includes(files[0].type);

const hand = (files, input) => {
  input.files = files;
  input.dispatchEvent(new Event("change", { bubbles: true }));
};
const listOf = (file) => {
  const list = new DataTransfer();
  list.items.add(file);
  return list.files;
};

// ---- Dropping: what a single image is meant for is asked ----

let depth = 0;
const light = (change) => {
  depth = Math.max(0, depth + change);
  find("#upload")?.classList.toggle("over", depth > 0);
};
document.addEventListener("dragenter", (event) => holdsFiles(event) && light(1));
document.addEventListener("dragleave", (event) => holdsFiles(event) && light(-1));
document.addEventListener("dragover", (event) => holdsFiles(event) && event.preventDefault());

let dropped;
document.addEventListener("drop", (event) => {
  if (!holdsFiles(event) || !find("#files")) return;
  event.preventDefault();
  depth = 0;
  light(0);
  const { files } = event.dataTransfer;
  if (!isImage(files)) {
    hand(files, find("#files"));
  } else if (event.target.closest?.("#search")) {
    hand(files, find("#image"));
  } else {
    dropped = files;
    find("#image-choice .file-name").textContent = files[0].name;
    find("#image-choice").showModal();
  }
});
document.addEventListener(
  "close",
  (event) => {
    if (event.target.id !== "image-choice" || !event.target.returnValue) return;
    hand(dropped, find(event.target.returnValue === "search" ? "#image" : "#files"));
    event.target.returnValue = "";
  },
  true,
);

document.addEventListener("paste", (event) => {
  const files = event.clipboardData?.files ?? [];
  if (event.target.id !== "q" || !isImage(files)) return;
  event.preventDefault();
  hand(files, find("#image"));
});

// What is asked by image is not asked by words.
document.addEventListener("htmx:beforeRequest", (event) => {
  if (event.detail.elt.id === "image-search") find("#q").value = "";
  if (event.detail.elt.id === "search") find("#image-search")?.reset();
});

// ---- Uploads ----

let sent = new Map(); // the files of the last upload by name: a locked one is sent again, with its password

document.addEventListener("htmx:beforeRequest", (event) => {
  if (event.detail.elt.id !== "upload") return;
  sent = new Map([...find("#files").files].map((file) => [file.name, file]));
  find("#upload-outcome").replaceChildren();
});
document.addEventListener("htmx:xhr:progress", (event) => {
  const bar = find("#upload-progress");
  if (event.target.id !== "upload" || !event.detail.lengthComputable) return;
  bar.hidden = false;
  bar.value = (100 * event.detail.loaded) / event.detail.total;
});
document.addEventListener("htmx:afterRequest", (event) => {
  const { elt, successful } = event.detail;
  if (elt?.id === "upload") {
    find("#upload-progress").hidden = true;
    find("#upload").reset();
  }
  if (elt?.matches?.(".unlock") && successful) elt.closest(".problem").remove(); // there is another, if need be
});

document.addEventListener("htmx:afterSettle", () => {
  for (const form of document.querySelectorAll(".unlock")) {
    const file = sent.get(form.dataset.name);
    const input = form.querySelector("input[type=file]");
    if (!file || input.files.length) continue;
    input.files = listOf(file);
    input.hidden = true;
    form.querySelector("input[type=password]").focus();
  }
});

document.addEventListener("click", (event) => {
  if (event.target.closest?.("[data-dismiss]")) event.target.closest(".problem, .note").remove();
});
