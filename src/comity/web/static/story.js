// Adds lines as they come. Everything is set as text; nothing is ever read as markup.
"use strict";
(() => {
  const story = document.getElementById("story");
  if (!story) return;
  let next = Number(story.dataset.next);
  const make = (tag, text, name) => {
    const made = document.createElement(tag);
    if (text) made.textContent = text;
    if (name) made.className = name;
    return made;
  };
  const list = (chapter) => {
    const last = story.querySelector("section:last-of-type");
    if (last && last.dataset.chapter === chapter) return last.querySelector("ol");
    const section = make("section", "", "chapter");
    section.dataset.chapter = chapter;
    section.append(make("h2", chapter), make("ol"));
    story.append(section);
    return section.querySelector("ol");
  };
  const add = (line) => {
    const item = make("li");
    const at = make("time", line.at);
    at.dir = "ltr";
    item.append(at, " ");
    if (line.node) item.append(make("bdi", line.node, "who"), " ");
    const told = make("span", "", "line");
    told.append(make("span", line.text, "told"));
    if (/^https?:\/\//.test(line.url)) {
      const link = make("a", "see it");
      link.href = line.url;
      link.target = "_blank";
      link.rel = "noopener";
      told.append(" ", link);
    }
    item.append(told);
    list(line.chapter).append(item);
    return item;
  };
  const turn = async () => {
    try {
      const answer = await fetch(`/story.json?from=${next}`, { credentials: "same-origin" });
      if (answer.ok) {
        const told = await answer.json();
        const near = window.innerHeight + window.scrollY > document.body.scrollHeight - 200;
        let last = null;
        for (const line of told.lines) last = add(line);
        if (told.lines.length) document.getElementById("waiting")?.remove();
        next = told.next;
        if (last && near) last.scrollIntoView({ block: "end" });
      }
    } catch {
      // The node may be gone by now; the page keeps what it has.
    }
    setTimeout(turn, 700);
  };
  turn();
})();
