"use strict";
/* Checks the notice in this page, and makes a guest's reply (spec/01, 02, 04, 08). Sends nothing by itself. */
(() => {
  const $ = (id) => document.getElementById(id);
  const text = new TextEncoder(), read = new TextDecoder("utf-8", { fatal: true });
  const hex = (b) => [...b].map((x) => x.toString(16).padStart(2, "0")).join("");
  const unhex = (s) => Uint8Array.from(s.match(/../g) || [], (x) => parseInt(x, 16));
  const join = (...parts) => {
    const out = new Uint8Array(parts.reduce((n, p) => n + p.length, 0));
    let at = 0;
    for (const p of parts) { out.set(p, at); at += p.length; }
    return out;
  };
  const same = (a, b) => a.length === b.length && a.every((x, n) => x === b[n]);
  const tag = (name) => text.encode(`comity/1/${name}\0`);
  const sha = async (...parts) => new Uint8Array(await crypto.subtle.digest("SHA-256", join(...parts)));
  const random = (n) => crypto.getRandomValues(new Uint8Array(n));
  const require = (holds, why) => { if (!holds) throw new Error(why); };
  const ZERO = "0".repeat(64);

  /* Deterministic CBOR (RFC 8949 section 4.2.1): integers, bytes, text, arrays, maps with integer keys. */
  const head = (major, n) => {
    if (n < 24) return Uint8Array.of((major << 5) | n);
    const size = n < 256 ? 1 : n < 65536 ? 2 : n < 2 ** 32 ? 4 : 8;
    const out = new Uint8Array(1 + size);
    out[0] = (major << 5) | { 1: 24, 2: 25, 4: 26, 8: 27 }[size];
    for (let i = size, left = n; i; i--) { out[i] = left % 256; left = Math.floor(left / 256); }
    return out;
  };
  const encode = (v) => {
    if (typeof v === "number") return v < 0 ? head(1, -1 - v) : head(0, v);
    if (typeof v === "string") { const b = text.encode(v); return join(head(3, b.length), b); }
    if (v instanceof Uint8Array) return join(head(2, v.length), v);
    if (Array.isArray(v)) return join(head(4, v.length), ...v.map(encode));
    const pairs = [...v].map(([k, x]) => [encode(k), encode(x)]);
    pairs.sort(([a], [b]) => { for (let i = 0; ; i++) if (a[i] !== b[i]) return (a[i] ?? -1) - (b[i] ?? -1); });
    return join(head(5, pairs.length), ...pairs.flat());
  };
  const decode = (raw) => {
    let at = 0;
    const item = (depth) => {
      require(depth < 12 && at < raw.length, "cut short");
      const major = raw[at] >> 5, info = raw[at++] & 31;
      let n = info;
      if (info > 23) {
        require(info < 28, "no such length");
        n = 0;
        for (let size = 1 << (info - 24); size; size--) n = n * 256 + raw[at++];
      }
      if (major === 0) return n;
      if (major === 1) return -1 - n;
      if (major === 2 || major === 3) {
        require(at + n <= raw.length, "cut short");
        const b = raw.slice(at, (at += n));
        return major === 2 ? b : read.decode(b);
      }
      if (major === 4) return Array.from({ length: n }, () => item(depth + 1));
      if (major === 5) return new Map(Array.from({ length: n }, () => [item(depth + 1), item(depth + 1)]));
      require(major === 6 && n === 18, "an unknown kind");
      return item(depth + 1);
    };
    const value = item(0);
    require(at === raw.length, "bytes follow the end");
    return value;
  };

  /* Canonical JSON (RFC 8785, restricted): sorted ASCII keys, no space; unset fields are left out. */
  const canonical = (v) => {
    if (Array.isArray(v)) return `[${v.map(canonical).join(",")}]`;
    if (v && typeof v === "object") {
      return `{${Object.keys(v).sort().map((k) => `${JSON.stringify(k)}:${canonical(v[k])}`).join(",")}}`;
    }
    return JSON.stringify(v);
  };
  const body = (v) => text.encode(canonical(v));

  const commitFrame = (salt, frame) => sha(tag("frame"), salt, frame);
  const commitContent = (salt, content) => sha(tag("content"), salt, content);
  const commitRecord = async (o) => sha(tag("record"), await commitFrame(...o[0]), await commitContent(...o[1]));
  const toSign = (header, payload) => encode(["Signature1", header, new Uint8Array(0), payload]);
  const recordId = async (raw) => hex(await sha(Uint8Array.of(0), raw));
  const thumbprint = (key) => sha(unhex("a301012006215820"), key);
  const alias = async (key, iss) => {
    const how = { name: "HMAC", hash: "SHA-256" };
    const made = await crypto.subtle.importKey("raw", key, how, false, ["sign"]);
    return hex(new Uint8Array(await crypto.subtle.sign("HMAC", made, text.encode(iss))));
  };
  const publicKey = (raw) => crypto.subtle.importKey("raw", raw, "Ed25519", false, ["verify"]);

  const openBundle = async (raw) => {
    const [version, envelope, opening] = decode(raw);
    require(version === 1 && Array.isArray(opening) && Array.isArray(opening[2]), "not an opened record");
    const [header, , payload, signature] = decode(envelope);
    const [salt, frame, [saltC, content]] = opening;
    require(same(payload, await commitRecord([[salt, frame], [saltC, content]])), "a commitment does not hold");
    const said = decode(header), chain = said.get(-70001), claims = said.get(15);
    return {
      id: await recordId(envelope), header, payload, signature, kid: said.get(4), iss: claims.get(1), sub: claims.get(2),
      seq: chain[1], keys: hex(chain[3]), frameRaw: frame, contentRaw: content,
      frame: JSON.parse(read.decode(frame)), content: JSON.parse(read.decode(content)),
    };
  };
  const checkSignature = async (record, key) => {
    const holds = await crypto.subtle.verify("Ed25519", await publicKey(key), record.signature, toSign(record.header, record.payload));
    require(holds && same(record.kid, await thumbprint(key)), "a signature does not hold");
  };

  /* A party: its card, and the statement key in force after each of its key records. */
  const openParty = async (raw) => {
    const [, cardRaw, rotations] = decode(raw);
    const card = await openBundle(cardRaw);
    let key = unhex(card.content.statement);
    await checkSignature(card, key);
    const keys = new Map([[card.id, key]]);
    const recovery = card.content.recovery && unhex(card.content.recovery);
    for (const one of rotations) {
      const record = await openBundle(one);
      await checkSignature(record, record.frame.kind === "party.revoke" ? recovery : key);
      const taken = (record.content.taken || []).find((t) => t.purpose === "statement");
      if (taken) key = unhex(taken.key);
      else if (record.frame.kind === "party.rotate" && record.content.statement) key = unhex(record.content.statement);
      keys.set(record.id, key);
    }
    return { id: hex(await sha(tag("party"), card.frameRaw, card.contentRaw)), name: card.content.name, keys };
  };

  const readNotice = async () => {
    const lines = $("bytes").textContent.trim().split("\n").slice(1, -1);
    const data = Uint8Array.from(atob(lines.join("")), (c) => c.charCodeAt(0));
    const [version, key, cards, bundles, replyTo] = decode(data);
    require(version === 1 && bundles.length === 3, "not a notice");
    const parties = new Map();
    for (const raw of cards) { const p = await openParty(raw); parties.set(p.id, p); }
    const records = [];
    for (const raw of bundles) {
      const record = await openBundle(raw), author = parties.get(record.iss);
      require(author && record.frame.author === record.iss, "the card of an author is not here");
      require(author.keys.has(record.keys), "a key is not known here");
      await checkSignature(record, author.keys.get(record.keys));
      require(record.sub === (await alias(key, record.iss)), "an alias is another case's");
      records.push(record);
    }
    const [opening, claim, notice] = records;
    require(hex(await sha(tag("case-key"), key)) === opening.content.key_hash, "not the key of this case");
    const id = hex(await sha(tag("case"), unhex(opening.content.key_hash), unhex(opening.iss)));
    require(records.every((r) => r.frame.case === id), "records of different cases");
    require(notice.content.target === claim.id && notice.iss === claim.iss, "not a notice of this claim");
    return { case: id, key, opening, claim, notice, giver: parties.get(notice.iss), replyTo };
  };

  /* The reply: a card, an acknowledgement, a response; one chain under a key made here. */
  const now = () => new Date().toISOString().slice(0, 19) + "Z";
  const clean = (s) => s.replace(/\r\n?/g, "\n").replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, "").toWellFormed().trim();
  const seal = async (pair, iss, sub, seq, prev, keys, frame, content) => {
    const salts = [random(32), random(32)], raw = [body(frame), body(content)];
    const payload = await commitRecord([[salts[0], raw[0]], [salts[1], raw[1]]]);
    const header = encode(new Map([
      [1, -19], [4, await thumbprint(pair.public)], [15, new Map([[1, iss], [2, sub]])], [258, -16],
      [259, "application/vnd.comity.record"], [-70001, [1, seq, unhex(prev), unhex(keys)]],
    ]));
    const signature = new Uint8Array(await crypto.subtle.sign("Ed25519", pair.private, toSign(header, payload)));
    const envelope = join(Uint8Array.of(0xd2), encode([header, new Map(), payload, signature]));
    const bundle = encode([1, envelope, [salts[0], raw[0], [salts[1], raw[1]]], new Uint8Array(0)]);
    return { id: await recordId(envelope), bundle, raw };
  };
  const PKCS8 = unhex("302e020100300506032b657004220420");
  const armoured = /-----BEGIN COMITY REPLY-----\s([A-Za-z0-9+/=\s]+)-----END COMITY REPLY-----/;
  /* A reply given before and the key that signed it: the chain goes on from there (``guests.py``, ``_go_on``). */
  const readBefore = async (n, replyText, keyText) => {
    const bytes = armoured.exec(replyText), seed = /^comity-key\/1 statement ([0-9a-f]{64})\s*$/.exec(keyText);
    require(bytes && seed, "not a reply, or not a key");
    const data = Uint8Array.from(atob(bytes[1].replace(/\s/g, "")), (c) => c.charCodeAt(0));
    const [version, id, cardRaw, bundles] = decode(data);
    require(version === 1 && id === n.case, "a reply of another case");
    const card = await openBundle(cardRaw), pub = unhex(card.content.statement);
    const secret = await crypto.subtle.importKey("pkcs8", join(PKCS8, unhex(seed[1])), "Ed25519", true, ["sign"]);
    const probe = random(32), signature = await crypto.subtle.sign("Ed25519", secret, probe);
    require(await crypto.subtle.verify("Ed25519", await publicKey(pub), signature, probe), "another key signed it");
    const records = [];
    for (const raw of bundles) records.push(await openBundle(raw));
    const stated = records.filter((r) => r.frame.kind === "response.make" && r.content.assertions).pop();
    return {
      pair: { private: secret, public: pub }, seed: seed[1], name: card.content.name, card: { id: card.id, bundle: cardRaw },
      iss: hex(await sha(tag("party"), card.frameRaw, card.contentRaw)), bundles, prev: records.length ? records[records.length - 1].id : ZERO,
      stated: stated && { id: stated.id, assertions: stated.content.assertions },
    };
  };
  const found = async (n, name) => {
    const made = await crypto.subtle.generateKey("Ed25519", true, ["sign", "verify"]);
    const pkcs8 = new Uint8Array(await crypto.subtle.exportKey("pkcs8", made.privateKey));
    const pair = { private: made.privateKey, public: new Uint8Array(await crypto.subtle.exportKey("raw", made.publicKey)) };
    const card = await seal(pair, "self", ZERO, 0, ZERO, ZERO, {
      at: now(), audience: ["public"], author: "self", case: ZERO, kind: "party.card", marking: "TLP:CLEAR", rules: 1,
    }, { home: n.giver.id, name, statement: hex(pair.public) });
    return { pair, seed: hex(pkcs8.slice(-32)), name, card, iss: hex(await sha(tag("party"), ...card.raw)), bundles: [], prev: ZERO };
  };
  const inDays = (days) => new Date(Date.now() + days * 86400000).toISOString().slice(0, 19) + "Z";
  const makeReply = async (n, before, name, { acknowledge, positions, assertions, endorse, ask, time, again }) => {
    const { pair, seed, card, iss, bundles: earlier, prev: last, name: called } = before || (await found(n, name));
    const sub = await alias(n.key, iss), bundles = [...earlier];
    const readers = new Set([...n.claim.frame.audience, n.giver.id]);
    const everyone = readers.has("public") ? ["public"] : [...readers].sort();
    let prev = last;
    const add = async (kind, about, content, rules = 1, audience = everyone) => {
      const frame = {
        at: now(), audience, author: iss, case: n.case, kind,
        marking: audience.includes("public") ? "TLP:CLEAR" : "TLP:AMBER",
        references: [...new Set([...about, n.opening.id])].sort(), rules, seen: [n.notice.id],
      };
      const record = await seal(pair, iss, sub, bundles.length, prev, card.id, frame, content);
      prev = record.id;
      bundles.push(record.bundle);
    };
    if (acknowledge) await add("notice.acknowledge", [n.notice.id], { notice: n.notice.id, text: acknowledge });
    if (positions.length || assertions.length) {
      const content = { target: n.claim.id };
      if (positions.length) content.positions = positions;
      if (assertions.length) content.assertions = assertions;
      await add("response.make", [n.claim.id, n.notice.id], content);
    }
    for (const one of endorse) await add("endorsement.make", [n.claim.id], { basis: one.basis, target: { n: one.n, record: n.claim.id } });
    if (ask) await add("request.make", [n.claim.id, n.notice.id], { due: inDays(ask.days), text: ask.text, to: n.giver.id, type: ask.type });
    if (time) await add("request.extend", [time.request], { due: inDays(time.days), request: time.request, step: "proposes", text: time.text }, 2, [n.giver.id]);
    for (const one of again) {
      const target = before.stated.id, was = before.stated.assertions[one.n];
      if (one.text) {
        const about = was.against ? [target, was.against.record] : [target];
        await add("claim.amend", about, { reason: one.why, revisions: [{ assertion: { ...was, text: one.text }, n: one.n }], target }, 2);
      } else await add("claim.withdraw", [target], { assertions: [one.n], reason: one.why, target });
    }
    const data = encode([1, n.case, card.bundle, bundles]);
    const base64 = btoa(Array.from(data, (b) => String.fromCharCode(b)).join("")).match(/.{1,76}/g).join("\n");
    const shown = [...called].map((c) => (/[\p{C}\p{Zl}\p{Zp}]|(?! )\p{Zs}/u.test(c) ? `<U+${c.codePointAt(0).toString(16).toUpperCase().padStart(4, "0")}>` : c)).join("");
    const reply = `COMITY REPLY\n\nFrom:     ${shown}\nCase:     ${n.case.slice(0, 16)}\n\n-----BEGIN COMITY REPLY-----\n${base64}\n-----END COMITY REPLY-----\n`;
    return { reply, key: `comity-key/1 statement ${seed}\n` };
  };

  /* The page. */
  const show = (id, state) => {
    const place = $(id);
    for (const e of place.querySelectorAll("[data-state]")) e.hidden = e.dataset.state !== state;
    place.dataset.is = state;
    place.hidden = false;
  };
  const save = (name, data, type) => {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([data], { type }));
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60000);
  };
  const chosen = (name) => document.querySelector(`input[name="${name}"]:checked`).value;
  const language = () => document.querySelector('input[name="language"]:checked').value;
  let shownDefault = "";
  const turn = () => {
    const mine = document.querySelector(`[data-default="${language()}"]`).textContent;
    document.documentElement.lang = language();
    if ($("words").value === shownDefault) $("words").value = shownDefault = mine;
  };
  for (const e of document.querySelectorAll('input[name="language"]')) e.addEventListener("change", turn);
  turn();
  $("words").addEventListener("input", () => { $("acknowledge").checked = true; });

  const begin = async () => {
    show("state", "running");
    try { await crypto.subtle.generateKey("Ed25519", false, ["sign", "verify"]); } catch { show("state", "off"); return; }
    let notice;
    try { notice = await readNotice(); } catch (error) { console.warn(String(error)); show("state", "bad"); return; }
    show("state", "ok");
    $("noscript").hidden = true;
    $("form").hidden = false;
    if (!notice.replyTo) $("send").hidden = true;
    if (notice.opening.frame.rules < 2) $("more-time").hidden = true;
    let before = null;
    const lookBack = async () => {
      const [reply, key] = [$("before-reply").files[0], $("before-key").files[0]], list = $("again-list");
      before = null;
      list.replaceChildren();
      $("office").disabled = false;
      if (!reply || !key) return;
      try { before = await readBefore(notice, await reply.text(), await key.text()); } catch (error) { console.warn(String(error)); show("before-state", "wrong"); return; }
      show("before-state", "ok");
      $("office").value = before.name;
      $("office").disabled = true;
      for (const [n, one] of (before.stated ? before.stated.assertions : []).entries()) {
        const part = $("again").content.cloneNode(true);
        part.querySelector("blockquote").textContent = one.text;
        for (const e of part.querySelectorAll("input[type=radio]")) { e.name = `again-${n}`; e.disabled = e.value === "correct" && notice.opening.frame.rules < 2; }
        part.querySelector("fieldset").dataset.again = n;
        list.append(part);
      }
    };
    for (const id of ["before-reply", "before-key"]) $(id).addEventListener("change", lookBack);
    $("form").addEventListener("submit", async (event) => {
      event.preventDefault();
      const half = (place) => { show("problem", "half"); place.focus(); };
      const name = clean($("office").value), endorse = [], again = [];
      for (const e of document.querySelectorAll("fieldset.position[data-n]")) {
        const basis = e.querySelector(`input[name="endorse-${e.dataset.n}"]:checked`).value;
        if (basis) endorse.push({ n: Number(e.dataset.n), basis });
      }
      for (const e of document.querySelectorAll("fieldset[data-again]")) {
        const how = e.querySelector("input:checked").value, [text, why] = ["text", "why"].map((part) => clean(e.querySelector(`[data-part="${part}"]`).value));
        if (how ? !why || (how === "correct") !== !!text : text || why) { half(e.querySelector(`[data-part="${how && !why ? "why" : "text"}"]`)); return; }
        if (how) again.push({ n: Number(e.dataset.again), text, why });
      }
      const wanted = clean($("time-request").value).toLowerCase(), because = clean($("time-why").value), until = Number($("time-days").value);
      if ((wanted || because) && !(/^[0-9a-f]{64}$/.test(wanted) && because && Number.isInteger(until) && until > 0 && until < 1000 && before)) { half($(before ? "time-request" : "before-reply")); return; }
      const time = wanted ? { request: wanted, text: because, days: until } : null;
      const acknowledge = $("acknowledge").checked ? clean($("words").value) : "";
      const positions = [];
      for (const e of document.querySelectorAll("fieldset.position[data-n]")) {
        const n = Number(e.dataset.n), position = e.querySelector(`input[name="position-${n}"]:checked`).value, reasons = clean($(`reasons-${n}`).value);
        const cite = clean($(`cite-${n}`).value), one = { n, position };
        if (reasons) one.reasons = reasons;
        if (cite) one.supports = [{ cite, inference: reasons, kind: "citation" }];
        if ((cite && !reasons) || ((cite || reasons) && !position)) { show("problem", "half"); $(cite && !reasons ? `reasons-${n}` : `cite-${n}`).focus(); return; }
        if (position) positions.push(one);
      }
      const own = chosen("own"), said = clean($("own-text").value), rests = clean($("own-cite").value), how = clean($("own-how").value);
      const assertions = [];
      if (own) {
        const one = { level: chosen("own-level"), text: said };
        if (own !== "claims") { one.stance = "denies"; one.against = { n: Number(own), record: notice.claim.id }; }
        if (rests) one.supports = [{ cite: rests, inference: how, kind: "citation" }];
        assertions.push(one);
      }
      if (own ? !said || !rests !== !how : said || rests || how) { show("problem", "half"); $("own-text").focus(); return; }
      const type = chosen("ask"), text = clean($("ask-text").value), days = Number($("ask-days").value);
      if (type ? !text || !(Number.isInteger(days) && days > 0 && days < 1000) : text) { show("problem", "half"); $("ask-text").focus(); return; }
      const ask = type ? { type, text, days } : null;
      if (!name) { show("problem", "name"); $("office").focus(); return; }
      if (!acknowledge && !positions.length && !own && !ask && !endorse.length && !time && !again.length) { show("problem", "choice"); $("acknowledge").focus(); return; }
      $("sign").disabled = true;
      try {
        const made = await makeReply(notice, before, name, { acknowledge, positions, assertions, endorse, ask, time, again });
        /* Larger than armour.py takes: told before anything is left, so that it can be shortened. */
        const size = new Blob([made.reply]).size;
        if (size > 16 * 2 ** 20) {
          $("size").textContent = `${Math.ceil(size / 2 ** 20 * 10) / 10} MB`;
          show("problem", "large");
          $("sign").disabled = false;
          $("sign").focus();
          return;
        }
        $("problem").hidden = true;
        $("form").hidden = true;
        $("signed").hidden = false;
        $("save-reply").addEventListener("click", () => save("comity-reply.txt", made.reply, "text/plain"));
        $("save-key").addEventListener("click", () => save("comity-key.txt", made.key, "text/plain"));
        $("send").addEventListener("click", async () => {
          $("send").disabled = true;
          try {
            const answer = await fetch(`${notice.replyTo.replace(/\/+$/, "")}/x/guest`, { method: "POST", body: made.reply, credentials: "omit", referrerPolicy: "no-referrer" });
            show("sending", answer.ok ? "sent" : "not");
            $("send").hidden = answer.ok;
          } catch { show("sending", "not"); }
          $("send").disabled = false;
        });
        $("save-reply").focus();
      } catch (error) {
        $("problem").querySelector('[data-state="fault"]').textContent = String(error);
        show("problem", "fault");
        $("sign").disabled = false;
      }
    });
    $("save-notice").addEventListener("click", async () => {
      /* The bytes as they came: a page that a script has changed is no longer the one that was made. */
      save("comity-notice.html", await (await fetch(location.href)).blob(), "text/html");
    });
    $("save-notice").hidden = !location.protocol.startsWith("http");
  };
  begin();
})();
