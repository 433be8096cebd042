// What a reader with other eyes or no mouse would miss, measured on the page as laid out. Returns findings.
() => {
  const found = [];
  const say = (what, element) => found.push(`${what}: ${(element.outerHTML || "").slice(0, 120)}`);
  const visible = (e) => e.getClientRects().length > 0 && getComputedStyle(e).visibility !== "hidden";

  const parse = (text) => {
    const n = text.match(/[\d.]+/g).map(Number);
    return { r: n[0], g: n[1], b: n[2], a: n.length > 3 ? n[3] : 1 };
  };
  const light = (c) => {
    const f = (v) => ((v /= 255) <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    return 0.2126 * f(c.r) + 0.7152 * f(c.g) + 0.0722 * f(c.b);
  };
  const behind = (e) => {
    for (let at = e; at; at = at.parentElement) {
      const c = parse(getComputedStyle(at).backgroundColor);
      if (c.a === 1) return c;
    }
    return { r: 255, g: 255, b: 255, a: 1 };
  };
  for (const e of document.body.querySelectorAll("*")) {
    const own = [...e.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim());
    if (!own || !visible(e)) continue;
    const [a, b] = [light(parse(getComputedStyle(e).color)), light(behind(e))].sort((x, y) => y - x);
    if ((a + 0.05) / (b + 0.05) < 4.5) say(`contrast ${((a + 0.05) / (b + 0.05)).toFixed(2)}`, e);
  }

  let last = 0;
  for (const h of document.querySelectorAll("h1, h2, h3, h4")) {
    const level = Number(h.tagName[1]);
    if (level > last + 1) say("heading skips a level", h);
    if (!h.textContent.trim()) say("empty heading", h);
    last = level;
  }
  if (document.querySelectorAll("h1").length !== 1) say("not one h1", document.body);
  for (const landmark of ["main", "footer"]) {
    if (document.querySelectorAll(landmark).length !== 1) say(`not one ${landmark}`, document.body);
  }
  if (!document.documentElement.lang) say("no language", document.documentElement);
  if (!document.title.trim()) say("no title", document.head);
  const ids = [...document.querySelectorAll("[id]")].map((e) => e.id);
  if (new Set(ids).size !== ids.length) say(`an id twice: ${ids.filter((x, n) => ids.indexOf(x) !== n)}`, document.body);
  for (const e of document.querySelectorAll("[aria-labelledby]")) {
    for (const id of e.getAttribute("aria-labelledby").split(" ")) if (!document.getElementById(id)) say("label is missing", e);
  }
  for (const e of document.querySelectorAll("nav, form[role=search]")) {
    const named = e.getAttribute("aria-label") || e.getAttribute("aria-labelledby") || e.tagName === "FORM";
    if (!named) say("landmark without a name", e);
  }
  const named = {};
  for (const e of document.querySelectorAll("nav, section, form, [role=region]")) {
    const by = (e.getAttribute("aria-labelledby") || "").split(" ").map((id) => document.getElementById(id)?.textContent);
    const name = (e.getAttribute("aria-label") || by.join(" ")).replace(/\s+/g, " ").trim();
    const role = e.getAttribute("role") || { NAV: "navigation", SECTION: "region", FORM: "form" }[e.tagName];
    if (!visible(e) || (!name && role !== "search")) continue;
    if (named[`${role} ${name}`]) say(`two landmarks of one name (${role} ${name})`, e);
    named[`${role} ${name}`] = true;
  }
  for (const e of document.querySelectorAll("input:not([type=hidden]), select, textarea")) {
    if (!e.labels.length || !e.labels[0].textContent.trim()) say("field without a label", e);
  }
  for (const e of document.querySelectorAll("a, button, summary")) {
    if (!e.textContent.trim()) say("control without words", e);
    if (e.tagName === "A" && !e.hasAttribute("href")) say("a link without a place", e);
    if (e.tabIndex < 0) say("control that a keyboard cannot reach", e);
  }
  for (const e of document.querySelectorAll('a[href^="#"]')) {
    if (!document.getElementById(e.getAttribute("href").slice(1))) say("leads nowhere", e);
  }
  for (const e of document.querySelectorAll("table")) {
    if (!e.caption || !e.caption.textContent.trim()) say("table without a caption", e);
    for (const h of e.querySelectorAll("th")) if (!h.scope) say("heading cell without a scope", h);
  }
  for (const e of document.querySelectorAll("time")) if (e.dir !== "ltr") say("time without a direction", e);
  for (const e of document.querySelectorAll(".symbol:not(text)")) {
    if (e.getAttribute("aria-hidden") !== "true") say("a symbol that is read out", e);
    if (!e.parentElement.textContent.replace(e.textContent, "").trim()) say("a symbol without words", e);
  }
  if (document.documentElement.scrollWidth > document.documentElement.clientWidth) {
    const wide = [...document.body.querySelectorAll("*")].filter((e) => e.getBoundingClientRect().right > innerWidth + 1);
    say(`wider than the window (${document.documentElement.scrollWidth})`, wide[0] || document.body);
  }
  return found;
}
