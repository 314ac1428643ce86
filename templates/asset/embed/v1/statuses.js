// Owns what is known of every client on the page: one request for all buttons, one stream, polling where there is none.
// A status is shown as the service gave it; the one thing decided here is that a verification ends with its time.

import { Problem, readEvents } from "./service.js";
import { aged, ends, stands } from "./stands.js";

const MOST = 500;                                 // clients in one call
const LONG = 1500;                                // characters of an address, beyond which the list is posted
const POLL = 5e3;
const SLOWEST = 60e3;
const STREAMS = 2;
const SILENCE = 45e3;                             // a stream without a sign of life is dead
const EVENTS = { code_sent: "sent", verified: "verified", locked: "locked", reported: "reported" };

const jittered = (ms) => ms * (0.8 + Math.random() * 0.4);
const backoff = (misses) => Math.min(SLOWEST, POLL * 2 ** misses);

/** Time passed since `start`. Of two clocks the one that ran further counts: one stops while a laptop sleeps, one can be set. */
const instant = () => ({ wall: Date.now(), steady: performance.now() });
const passed = (start) => Math.max(Date.now() - start.wall, performance.now() - start.steady);

const same = (one, other) => one?.version === other.version && one.button.tooltip === other.button.tooltip && one.lapsed === other.lapsed;

/** Tells the page what has changed, from each of the buttons. The first status that is known is no news of what happened. */
export function announce(buttons, earlier, later) {
  for (const button of buttons) {
    const [before, status] = [earlier, later].map((one) => stands(one, button.surface));
    if (same(before, status)) continue;
    button.tell("status");
    const news = before && ["state", "challenge", "verified_at"].some((key) => before[key] !== status[key]);
    if (news && EVENTS[status.state]) button.tell(EVENTS[status.state]);
  }
}

/** Whether somebody looks at a row: a button, a window that was opened from one, or a call for it alone. */
const needed = ({ buttons, open, asking }) => buttons.size > 0 || open || asking > 0;

/** All clients that are shown in one language. */
class Board {
  #rows = new Map();                              // client -> { client, buttons, open, asking, status, start, ends, due, fault, stale }
  #streamed = new Set();                          // clients whose changes the stream tells
  #tags = new Map();                              // what was asked -> the tag of its answer
  #misses = 0;                                    // rounds without an answer, in a row
  #dropped = 0;                                   // streams that ended, in a row
  #pause = 0;                                     // milliseconds the service wants to be left alone with streams
  #poll; #join; #listen; #ticking; #stream;

  constructor(service, lang) {
    Object.assign(this, { service, lang });
    document.addEventListener("visibilitychange", this);
    for (const event of ["online", "offline", "pageshow"]) addEventListener(event, this);
  }

  end() {
    document.removeEventListener("visibilitychange", this);
    for (const event of ["online", "offline", "pageshow"]) removeEventListener(event, this);
    for (const timer of [this.#poll, this.#join]) clearTimeout(timer);
    clearInterval(this.#ticking);
    this.#hangUp();
    this.#rows.clear();
  }

  join(button, client) {
    let row = this.#rows.get(client);
    if (!row) this.#rows.set(client, row = { client, buttons: new Set(), asking: 0 });
    row.buttons.add(button);
    this.#soon();
    return row;
  }

  /** The row stays until the next call: what is moved in the page leaves and joins in one breath. */
  leave(button, client) {
    this.#rows.get(client)?.buttons.delete(button);
    if (this.#deserted) this.#soon();
  }

  get #deserted() { return ![...this.#rows.values()].some(needed); }

  /** All buttons that join before the next frame share a call. */
  #soon() { this.#join ??= setTimeout(() => this.#welcome(), 16); }

  /** What the service has told elsewhere in the page. */
  learn(status) { this.#take(status, instant()); }

  /** Asks for one client now, whatever else is going on. */
  async refresh(client) {
    const row = this.#rows.get(client);
    if (!row) return;
    row.asking += 1;
    await this.#ask([client]).catch(() => {});
    row.asking -= 1;
    if (this.#deserted) this.#soon();
  }

  retry() {
    this.#misses = 0;
    return this.#round();
  }

  handleEvent({ type, persisted }) {
    if (type === "pageshow" && !persisted) return;
    this.#tick();
    if (type === "offline") return this.#doubt(new Problem(0));
    // A hidden page holds no connection and asks nothing; one that comes back trusts no old connection.
    this.#hangUp();
    clearTimeout(this.#poll);
    if (!document.hidden) this.retry();
  }

  // ---- asking

  get #clients() {
    for (const [client, row] of this.#rows) if (!needed(row)) this.#rows.delete(client);
    return [...this.#rows.keys()];
  }

  /** Those whom no stream tells of, and those whose time is over. */
  get #open() { return this.#clients.filter((client) => !this.#streamed.has(client) || this.#rows.get(client).due); }

  #welcome() {
    this.#join = null;
    const fresh = [...this.#rows].filter(([, row]) => row.buttons.size && !row.status).map(([client]) => client);
    if (fresh.length) return this.#round(fresh);
    if (this.#deserted) this.#hangUp();
    else if (!this.#stream) this.#attend();
  }

  #later(ms) {
    clearTimeout(this.#poll);
    if (!document.hidden) this.#poll = setTimeout(() => this.#round(), ms);
  }

  async #round(clients = this.#open) {
    if (document.hidden) return;
    let wait = 0;
    try {
      const sets = [];
      for (let from = 0; from < clients.length; from += MOST) sets.push(clients.slice(from, from + MOST));
      await Promise.all(sets.map((set) => this.#ask(set)));
      this.#misses = 0;
      this.#calm();
      this.#attend();
    } catch (problem) {
      this.#misses += 1;
      wait = problem.wait * 1e3;
      this.#fail(problem);
    }
    if (this.#open.length) this.#later(Math.max(wait, jittered(backoff(this.#misses))));
  }

  async #ask(clients) {
    const start = instant();
    try {
      const { query, init } = this.#request(clients);
      // "Nothing new" is no answer to a row that knows nothing yet.
      const tag = clients.every((client) => this.#rows.get(client)?.status) && this.#tags.get(query);
      if (tag) init.headers["if-none-match"] = tag;
      const answer = await this.service.call(init.body ? "/api/v1/status" : `/api/v1/status${query}`, init);
      if (answer.status === 304) return;
      const { statuses } = await answer.json();
      if (this.#tags.size > 9) this.#tags.clear();
      this.#tags.set(query, answer.headers.get("etag"));
      for (const status of statuses) this.#take(status, start);
    } catch (problem) {
      if (!(problem instanceof Problem)) throw new Problem(0);
      if (problem.status !== 400) throw problem;
      // One client that cannot be asked for must not take the others with it.
      if (clients.length === 1) return this.#blame(this.#rows.get(clients[0]), problem);
      const half = clients.length >> 1;
      await Promise.all([this.#ask(clients.slice(0, half)), this.#ask(clients.slice(half))]);
    }
  }

  #request(clients) {
    const query = `?${new URLSearchParams(clients.map((client) => ["client", client]))}`;
    const headers = { "accept-language": this.lang };
    if (query.length <= LONG) return { query, init: { headers } };
    headers["content-type"] = "application/json";
    return { query, init: { headers, method: "POST", body: JSON.stringify({ clients }) } };
  }

  // ---- what is known

  #take(status, start) {
    const row = this.#rows.get(status.client);
    if (!row || row.status?.version > status.version) return;
    // That a refusal is over is news, whatever the version.
    const before = row.fault ? undefined : row.status;
    Object.assign(row, { start, ends: ends(status), due: false, fault: null, stale: null });
    if (row.ends.length) this.#ticking ??= setInterval(() => this.#tick(), 1e3);
    this.#show(row, aged(status, passed(start)), before);
  }

  #show(row, status, before = row.status) {
    row.status = status;
    this.#draw(row);
    announce(row.buttons, before, status);
  }

  #draw(row) { for (const button of row.buttons) button.changed(); }

  /** Lets time pass. What has ended is asked for a moment later, when it is over by the service's clock too. */
  #tick() {
    let running = false;
    for (const row of this.#rows.values()) {
      const left = row.ends?.filter((seconds) => passed(row.start) < seconds * 1e3) ?? [];
      if (left.length) running = true;
      if (left.length === (row.ends?.length ?? 0)) continue;
      Object.assign(row, { ends: left, due: true });
      this.#tags.clear();
      this.#show(row, aged(row.status, passed(row.start)));
      this.#later(jittered(1500));
    }
    if (!running) this.#ticking = clearInterval(this.#ticking);
  }

  // ---- what goes wrong

  #blame(row, problem) {
    if (!row) return;
    row.fault = problem;
    this.#draw(row);
    for (const button of row.buttons) button.tell("status");
  }

  #fail(problem) {
    const refused = problem.status === 403;
    for (const row of this.#rows.values()) if (refused || !row.status) this.#blame(row, problem);
    // One miss is a hiccup; a second one, or no network at all, is worth a word.
    if (!refused && (this.#misses > 1 || !navigator.onLine)) this.#doubt(problem);
  }

  #doubt(problem) {
    for (const row of this.#rows.values()) {
      if (!row.status || row.stale) continue;
      row.stale = problem;
      this.#draw(row);
    }
  }

  #calm() {
    for (const row of this.#rows.values()) {
      if (!row.stale && (!row.fault || row.fault.status === 400)) continue;
      const back = row.fault && row.status;
      row.stale = row.fault = null;
      this.#draw(row);
      if (back) for (const button of row.buttons) button.tell("status");
    }
  }

  // ---- the stream

  /** Sees to it that a stream tells of all, or of the newest where there are too many for one. */
  #attend() {
    // An answer may come after the page was hidden.
    if (document.hidden) return;
    const wanted = this.#clients.slice(-MOST);
    if (!wanted.length) return this.#hangUp();
    if (this.#listen || wanted.every((client) => this.#stream?.clients.has(client))) return;
    const wait = this.#dropped ? jittered(Math.min(SLOWEST, 1e3 * 2 ** this.#dropped)) : 250;
    this.#listen = setTimeout(() => this.#hear(), Math.max(wait, this.#pause));
  }

  #hangUp() {
    clearTimeout(this.#listen);
    const stream = this.#stream;
    this.#listen = this.#stream = null;
    this.#streamed.clear();
    stream?.abort();
  }

  /** Streams are few: a browser has six connections to a service that speaks HTTP/1.1, for all pages and tenants together. */
  async #place(signal) {
    for (let n = 0; navigator.locks && n < STREAMS && !signal.aborted; n += 1) {
      const held = await new Promise((done) => {
        const name = `countersign ${this.service.origin} ${n}`;
        const free = new Promise((release) => signal.addEventListener("abort", release));
        navigator.locks.request(name, { ifAvailable: true }, (lock) => { done(Boolean(lock)); return lock ? free : null; }).catch(() => done(true));
      });
      if (held) return true;
    }
    return !navigator.locks;
  }

  async #hear() {
    this.#hangUp();
    const clients = this.#clients.slice(-MOST);
    const stream = this.#stream = Object.assign(new AbortController(), { clients: new Set(clients) });
    const placed = await this.#place(stream.signal);
    if (this.#stream !== stream) return;
    if (!placed) return this.#hangUp();
    let silence;
    const alive = () => {
      clearTimeout(silence);
      silence = setTimeout(() => stream.abort(), SILENCE);
    };
    alive();
    this.#pause = 0;
    const { query, init } = this.#request(clients);
    init.headers.accept = "text/event-stream";
    try {
      const path = "/api/v1/status/stream";
      const answer = await this.service.call(init.body ? path : path + query, { ...init, signal: stream.signal });
      await readEvents(answer.body, "status", (data) => {
        if (this.#stream !== stream) return;
        const status = JSON.parse(data);
        this.#dropped = 0;
        this.#streamed.add(status.client);
        this.#take(status, instant());
      }, alive);
    } catch ({ wait }) {
      // However a stream ends, what follows is the same.
      this.#pause = (wait ?? 0) * 1e3;
    }
    clearTimeout(silence);
    if (this.#stream !== stream) return;
    this.#dropped += 1;
    // While there was a stream nobody polled.
    if (this.#streamed.size) this.#later(jittered(1e3));
    this.#hangUp();
  }
}

const boards = new Map();
const services = new Map();
let make = null;

/** The service as one tenant's agent sees it; a page with one tenant names none. `null` until there is one. */
export function current(tenant = "") {
  if (make && !services.has(tenant)) services.set(tenant, make(tenant));
  return services.get(tenant) ?? null;
}

/** From now on services are made so: what was known of others is forgotten. */
export function use(next) {
  make = next;
  for (const board of boards.values()) board.end();
  boards.clear();
  services.clear();
}

/** Asks for one client on every board that shows it. */
export function refreshAll(client) { for (const board of boards.values()) board.refresh(client); }

export function boardOf(lang, tenant = "") {
  const key = `${lang} ${tenant}`;
  if (!boards.has(key)) boards.set(key, new Board(current(tenant), lang));
  return boards.get(key);
}
