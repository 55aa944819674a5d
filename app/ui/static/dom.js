// What all modules look things up and speak with.
export const find = (selector) => document.querySelector(selector);
export const isTyping = (target) => Boolean(target.matches?.("input:not([type=radio], [type=checkbox]), textarea, select"));

// Screen readers hear a sentence once, however often the fragment that contains it is swapped. What is behind
// an open dialog they do not hear at all.
export const announce = (sentence) => {
  const announcer = find("dialog[open] [role=status]") ?? find("#announcer");
  if (announcer && sentence && announcer.textContent !== sentence) announcer.textContent = sentence;
};

export const explain = (message, remedy) => {
  const box = document.createElement("div");
  box.className = "problem";
  for (const [tag, text] of [["strong", message], ["span", remedy]]) {
    const line = document.createElement("p");
    line.append(Object.assign(document.createElement(tag), { textContent: text }));
    box.append(line);
  }
  (find("dialog[open] [role=alert]") ?? find("#problems"))?.replaceChildren(box);
};
