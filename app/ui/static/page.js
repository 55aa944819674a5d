// What htmx does not do: keys, the dialog, dropping files, upload progress, announcements.
(() => {
  "use strict";
  const find = (selector) => document.querySelector(selector);
  const viewer = () => find("#viewer");
  const isTyping = (target) => target.matches?.("input:not([type=radio]), textarea, select");

  // Screen readers hear a sentence once, however often the fragment that holds it is swapped.
  const announce = (sentence) => {
    const announcer = find("#announcer");
    if (announcer && sentence && announcer.textContent !== sentence) announcer.textContent = sentence;
  };

  // The list of documents is fetched again and again while it is busy: only news must speak over an answer.
  let said = find("#library")?.dataset.summary;
  const announceLibrary = () => {
    const summary = find("#library")?.dataset.summary;
    if (summary !== said) announce(summary);
    said = summary;
  };

  document.addEventListener("htmx:afterSwap", (event) => {
    const { target, requestConfig } = event.detail;
    if (!target) return; // going back in history swaps the whole page
    if (target.id !== "library" || requestConfig?.verb === "delete")
      announce(target.dataset?.announce ?? target.querySelector?.("[data-announce]")?.dataset.announce);
    if (target.id === "viewer-body" && viewer() && !viewer().open) viewer().showModal();
    if (target.id === "results") window.scrollTo({ top: 0 });
    if (requestConfig?.verb === "delete") find("#library-title")?.focus();
  });

  document.addEventListener("htmx:afterSettle", () => {
    announceLibrary();
    // A step at the first or last page is gone after the swap; the keyboard must not fall out of the dialog.
    if (viewer()?.open && !viewer().contains(document.activeElement)) find("#close-viewer")?.focus();
  });

  document.addEventListener("htmx:beforeRequest", (event) => {
    if (event.detail.requestConfig.headers["HX-Trigger"] !== "library") find("#problems")?.replaceChildren();
  });

  document.addEventListener("document-deleted", (event) => {
    document.querySelectorAll(`.hit[data-document="${event.detail.id}"]`).forEach((hit) => hit.remove());
  });

  const explain = (message, remedy) => {
    const box = document.createElement("div");
    box.className = "problem";
    for (const [tag, text] of [["strong", message], ["span", remedy]]) {
      const line = document.createElement("p");
      line.append(Object.assign(document.createElement(tag), { textContent: text }));
      box.append(line);
    }
    find("#problems")?.replaceChildren(box);
  };
  document.addEventListener("htmx:sendError", () =>
    explain("The service is not responding.", "Check that it is running, then try again."));

  // The viewer
  document.addEventListener("click", (event) => {
    if (event.target === viewer()) viewer().close();
    const example = event.target.closest?.("[data-example]");
    if (example) {
      event.preventDefault();
      find("#q").value = example.textContent.trim();
      find("#search").requestSubmit();
    }
  });
  const KEYS = { ArrowLeft: "previous-page", ArrowRight: "next-page" };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
    if (event.key === "/" && find("#q") && !viewer()?.open) {
      event.preventDefault();
      find("#q").select();
    } else if (KEYS[event.key] && (viewer()?.open || find(".standalone"))) {
      find(`a[data-key="${KEYS[event.key]}"]`)?.click();
    } else if (event.key === "Escape" && find(".standalone")) {
      find("#close-viewer").click();
    }
  });

  // A change of mode or document asks the same question again.
  document.addEventListener("change", (event) => {
    if (event.target.matches("#search input[type=radio], #document") && find("#q").value.trim()) {
      find("#search").requestSubmit();
    }
  });

  // Uploads
  const holdsFiles = (event) => [...(event.dataTransfer?.types ?? [])].includes("Files");
  let depth = 0;
  const light = (change) => {
    depth = Math.max(0, depth + change);
    find("#upload")?.classList.toggle("over", depth > 0);
  };
  document.addEventListener("dragenter", (event) => holdsFiles(event) && light(1));
  document.addEventListener("dragleave", (event) => holdsFiles(event) && light(-1));
  document.addEventListener("dragover", (event) => holdsFiles(event) && event.preventDefault());
  document.addEventListener("drop", (event) => {
    if (!holdsFiles(event) || !find("#files")) return;
    event.preventDefault();
    depth = 0;
    light(0);
    find("#files").files = event.dataTransfer.files;
    find("#files").dispatchEvent(new Event("change", { bubbles: true }));
  });
  document.addEventListener("htmx:xhr:progress", (event) => {
    const bar = find("#upload-progress");
    if (event.target.id !== "upload" || !event.detail.lengthComputable) return;
    bar.hidden = false;
    bar.value = (100 * event.detail.loaded) / event.detail.total;
  });
  document.addEventListener("htmx:afterRequest", (event) => {
    if (event.detail.elt?.id !== "upload") return;
    find("#upload-progress").hidden = true;
    find("#upload").reset();
  });
})();
