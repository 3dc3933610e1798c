// The page for uploads: files are sent piece by piece, go on after a cut, and their way is told in words.
// Without this script the page is a form. No dependency; all words come from the page.
"use strict";

(() => {
  const form = document.getElementById("upload");
  if (!form || !window.fetch) return;

  const addresses = JSON.parse(form.dataset.addresses);
  const words = JSON.parse(form.dataset.words);
  const largest = Number(form.dataset.largest);
  const piece = Number(form.dataset.piece);
  const token = form.elements.csrf_token.value;
  const input = document.getElementById("files");
  const drop = document.getElementById("drop");
  const said = document.getElementById("said");
  const batch = Math.random().toString(36).slice(2, 12);
  const AT_ONCE = 2;
  const LOOK_MS = 2000;
  const LONGEST_PAUSE_S = 15;
  const UNDER_WAY = ["waiting", "reading", "published"];

  const queue = [];
  const looked_after = new Map();
  let busy = 0;
  let unfinished = [];

  for (const part of document.querySelectorAll(".unscripted")) part.hidden = true;
  for (const part of document.querySelectorAll(".scripted:not(section)")) part.hidden = false;

  class Refused extends Error {
    constructor(code, status) {
      super(code);
      this.code = code;
      this.status = status;
    }
  }

  const sleep = (seconds) => new Promise((wake) => setTimeout(wake, seconds * 1000));
  const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name]);

  function bytes(count) {
    const units = ["B", "kB", "MB", "GB"];
    let value = count, unit = 0;
    while (value >= 1000 && unit < units.length - 1) { value /= 1000; unit += 1; }
    const digits = value < 10 && unit ? 1 : 0;
    return `${value.toLocaleString(form.dataset.language, { maximumFractionDigits: digits })} ${units[unit]}`;
  }

  const share = (part, whole) =>
    (whole ? part / whole : 0).toLocaleString(form.dataset.language, { style: "percent", maximumFractionDigits: 0 });

  // What is not seen in a name is written out, as the hub does.
  const shown = (name) =>
    name.replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}]/gu, (sign) =>
      `[U+${sign.codePointAt(0).toString(16).toUpperCase().padStart(4, "0")}]`);

  // --- Asking the hub ---

  async function ask(method, address, { body, headers } = {}) {
    const response = await fetch(address, {
      method, body, credentials: "same-origin", headers: { "X-CSRFToken": token, ...headers },
    });
    if (response.ok || response.status === 409) return response;
    let code = "";
    try { code = (await response.json()).code; } catch { /* no answer of the hub's own */ }
    throw new Refused(code, response.status);
  }

  const passes = (error) =>
    !(error instanceof Refused) || error.status >= 500 || error.status === 429;

  // Asks until there is an answer: a connection that is lost, or a hub that starts anew, comes back.
  async function insist(entry, request) {
    for (let pause = 1; ; pause = Math.min(2 * pause, LONGEST_PAUSE_S)) {
      try {
        return await request();
      } catch (error) {
        if (entry.cancelled || !passes(error)) throw error;
        entry.say(fill(error instanceof Refused ? words.busy : words.lost, { seconds: pause }));
        await sleep(pause);
      }
    }
  }

  // --- One file ---

  class Entry {
    constructor(name, size) {
      this.name = name;
      this.size = size;
      this.cancelled = false;
      this.row = document.createElement("li");
      const title = this.row.appendChild(document.createElement("p"));
      title.className = "card-title";
      title.appendChild(document.createElement("bdi")).textContent = shown(name);
      this.bar = this.row.appendChild(document.createElement("progress"));
      this.bar.max = size || 1;
      this.bar.value = 0;
      this.bar.setAttribute("aria-label", shown(name));
      this.words = this.row.appendChild(document.createElement("p"));
      this.words.className = "meta";
      this.actions = this.row.appendChild(document.createElement("p"));
      this.actions.className = "buttons";
      this.button = this.actions.appendChild(document.createElement("button"));
      this.button.type = "button";
      this.button.className = "button-plain button-small";
      this.button.textContent = words.cancel;
      this.button.setAttribute("aria-label", `${words.cancel}: ${shown(name)}`);
      this.button.addEventListener("click", () => this.give_up());
    }

    say(text, { aloud = false } = {}) {
      this.words.textContent = text;
      if (aloud) said.textContent = `${shown(this.name)}: ${text}`;
    }

    end(text, { wrong = false } = {}) {
      this.row.classList.toggle("card-wrong", wrong);
      this.bar.hidden = true;
      this.button.hidden = true;
      this.say(text, { aloud: true });
    }

    async give_up() {
      this.cancelled = true;
      this.button.disabled = true;
      for (let tries = 0; this.id && tries < 20; tries += 1) {
        // A piece that is on its way is let through first.
        try { await ask("DELETE", `${addresses.uploads}/${this.id}`); break; } catch (error) {
          if (!passes(error)) break;
          await sleep(0.5);
        }
      }
      this.end(words.cancelled);
    }

    refuse(error) {
      const known = words.refusals[error.code];
      const text = known || `${words.refusals.other} (${error.code || error.status || error.message})`;
      this.end(fill(text, { largest: bytes(largest) }), { wrong: true });
    }

    link(text, address) {
      const link = this.actions.appendChild(document.createElement("a"));
      link.className = "button button-small";
      link.href = address;
      link.textContent = text;
    }

    // What the hub says of a file that it has.
    tell(state) {
      if (state.stage === this.stage) return;
      this.stage = state.stage;
      this.bar.hidden = true;
      this.button.hidden = true;
      let text = words.stages[state.stage];
      if (state.title) text = `${text} – ${state.title}`;
      if (state.stage === "failed") text = `${text}. ${words.faults[state.error.code] || words.unforeseen}`;
      this.say(text, { aloud: true });
      this.row.classList.toggle("card-wrong", state.stage === "failed");
      if (state.stage === "failed" || state.stage === "unpacked") this.link(words.look_there, addresses.work);
      if (state.stage === "read") this.link(words.check, addresses.draft.replace(addresses.place, state.document_id));
      if (state.stage === "found") this.link(words.look, addresses.document.replace(addresses.place, state.document_id));
    }
  }

  async function announce(entry, file) {
    const known = unfinished.findIndex((one) =>
      one.name === file.name && one.size === file.size && one.modified_ms === file.lastModified);
    if (known >= 0) {
      const [one] = unfinished.splice(known, 1);
      if (one.row) one.row.remove();
      entry.resumed = one.received > 0;
      return one;
    }
    const wanted = {
      space: form.elements.space.value, name: file.name, size: file.size, batch, modified_ms: file.lastModified,
    };
    if (form.elements.replaces) wanted.replaces = form.elements.replaces.value;
    const response = await insist(entry, () => ask("POST", addresses.uploads, {
      body: JSON.stringify(wanted), headers: { "Content-Type": "application/json" },
    }));
    return response.json();
  }

  async function send(entry, file) {
    let state = await announce(entry, file);
    entry.id = state.id;
    const address = `${addresses.uploads}/${state.id}`;
    let offset = state.received, lost = false;
    while (state.stage === "sending") {
      if (entry.cancelled) return;
      entry.bar.value = offset;
      entry.say(fill(entry.resumed ? words.resumed : words.sending, {
        share: share(offset, file.size), size: bytes(file.size),
      }));
      const response = await insist(entry, async () => {
        if (lost) {
          state = await (await ask("GET", address)).json();
          offset = state.received;
          entry.resumed = true;
          lost = false;
          if (state.stage !== "sending") return null;
        }
        lost = true;
        return ask("PATCH", address, {
          body: file.slice(offset, offset + piece),
          headers: { "Content-Type": "application/offset+octet-stream", "Upload-Offset": String(offset) },
        });
      });
      if (response === null) break;
      lost = false;
      offset = Number(response.headers.get("Upload-Offset"));
      if (response.ok) state = await response.json();
    }
    entry.tell(state);
    looked_after.set(state.id, entry);
    look();
  }

  async function next() {
    while (busy < AT_ONCE && queue.length) {
      const { entry, file } = queue.shift();
      if (entry.cancelled) continue;
      busy += 1;
      send(entry, file)
        .catch((error) => { if (!entry.cancelled) entry.refuse(error); })
        .finally(() => { busy -= 1; next(); });
    }
  }

  function take(files) {
    for (const file of files) {
      document.getElementById("sent-section").hidden = false;
      const entry = new Entry(file.name, file.size);
      document.getElementById("sent-files").append(entry.row);
      if (file.size > largest) {
        entry.refuse({ code: "upload_too_large" });
      } else if (!file.size) {
        entry.refuse({ code: "upload_empty" });
      } else {
        entry.say(words.queued);
        queue.push({ entry, file });
      }
    }
    next();
  }

  // --- What becomes of files that are there ---

  let looking = false;
  async function look() {
    if (looking) return;
    looking = true;
    while (looked_after.size) {
      await sleep(LOOK_MS / 1000);
      try {
        const { uploads } = await (await ask("GET", addresses.uploads)).json();
        const states = new Map(uploads.map((state) => [state.id, state]));
        for (const [id, entry] of looked_after) {
          const state = states.get(id);
          if (state) entry.tell(state);
          if (!state || !UNDER_WAY.includes(state.stage)) looked_after.delete(id);
        }
      } catch (error) {
        if (!passes(error)) break;
      }
    }
    looking = false;
  }

  // --- What was not sent to its end before ---

  async function remember() {
    const { uploads } = await (await ask("GET", addresses.uploads)).json();
    unfinished = uploads.filter((state) => state.stage === "sending");
    const list = document.getElementById("unfinished-files");
    document.getElementById("unfinished-section").hidden = !unfinished.length;
    for (const state of unfinished) {
      const entry = new Entry(state.name, state.size);
      entry.id = state.id;
      entry.bar.value = state.received;
      entry.say(`${words.stages.sending}: ${share(state.received, state.size)}`);
      state.row = entry.row;
      list.append(entry.row);
    }
  }

  // A file that is chosen before the hub has said what it remembers waits for that.
  const remembered = remember().catch(() => {});
  const chosen = async (files) => { await remembered; take([...files]); };

  input.addEventListener("change", () => { const files = [...input.files]; input.value = ""; chosen(files); });
  form.addEventListener("submit", (event) => event.preventDefault());
  for (const kind of ["dragenter", "dragover"]) {
    drop.addEventListener(kind, (event) => { event.preventDefault(); drop.classList.add("drop-over"); });
  }
  for (const kind of ["dragleave", "drop"]) {
    drop.addEventListener(kind, () => drop.classList.remove("drop-over"));
  }
  drop.addEventListener("drop", (event) => { event.preventDefault(); chosen(event.dataTransfer.files); });
  // A file that falls beside the zone does not take the page away.
  for (const kind of ["dragover", "drop"]) window.addEventListener(kind, (event) => event.preventDefault());
  window.addEventListener("beforeunload", (event) => { if (busy) event.preventDefault(); });
})();
