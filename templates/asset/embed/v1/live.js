// Owns what keeps a board true after its first answer: time that passes, one stream, polling where there is none, and what
// goes wrong. A status is shown as the service gave it; the one thing decided here is that a verification ends with its time.

import { announce } from "./announce.js";
import { readEvents } from "./events.js";
import { load } from "./load.js";
import { aged, ends } from "./stands.js";
import { instant, passed } from "./time.js";

const MOST = 500;                                 // clients in one call
const POLL = 5e3;
const SLOWEST = 60e3;
const STREAMS = 2;
const SILENCE = 45e3;                             // a stream without a sign of life is dead
const OFFLINE = { status: 0, wait: 0 };           // no answer at all

const jittered = (ms) => ms * (0.8 + Math.random() * 0.4);
/** Whether somebody looks at a row: a button, a window that was opened from one, or a call for it alone. */
const needed = ({ buttons, open, asking }) => buttons.size > 0 || open || asking > 0;

const backoff = (misses) => Math.min(SLOWEST, POLL * 2 ** misses);

export { announce };

export class Life {
  #tags = new Map();                              // what was asked -> the tag of its answer
  #streamed = new Set();                          // clients whose changes the stream tells
  #misses = 0;                                    // rounds without an answer, in a row
  #dropped = 0;                                   // streams that ended, in a row
  #pause = 0;                                     // milliseconds the service wants to be left alone with streams
  #board; #rows; #poll; #listen; #ticking; #stream;

  constructor(board) {
    this.#board = board;
    this.#rows = board.rows;
    document.addEventListener("visibilitychange", this);
    for (const event of ["online", "offline", "pageshow"]) addEventListener(event, this);
    for (const row of board.rows.values()) if (row.status) this.#first(row);
  }

  end() {
    document.removeEventListener("visibilitychange", this);
    for (const event of ["online", "offline", "pageshow"]) removeEventListener(event, this);
    clearTimeout(this.#poll);
    clearInterval(this.#ticking);
    this.#hangUp();
  }

  /** Takes over after the first question, which may have met with trouble. */
  async begin(trouble, clients) {
    const { answer, service } = this.#board;
    if (answer) this.#tags.set(answer.url.slice(service.base.length), answer.headers.get("etag"));
    // Where the network goes there must be words for it, and a hand to show them.
    load("hand").catch(() => {});
    for (const { buttons: [one] } of this.#rows.values()) if (one) { one.words().catch(() => {}); break; }
    try {
      if (trouble) await this.#part(clients, trouble);
    } catch (problem) {
      return this.#missed(problem);
    }
    const rest = [...this.#rows.values()].filter(({ status, fault }) => !status && !fault).map(({ client }) => client);
    if (rest.length) this.#round(rest);
    else this.#met();
  }

  left() { if (this.#deserted) this.#board.soon(); }

  /** Rows have come or gone. */
  welcome(fresh) {
    if (fresh.length) return this.#round(fresh);
    if (this.#deserted) this.#hangUp();
    else if (!this.#stream) this.#attend();
  }

  retry() {
    this.#misses = 0;
    return this.#round();
  }

  handleEvent({ type, persisted }) {
    if (type === "pageshow" && !persisted) return;
    this.#tick();
    if (type === "offline") return this.#doubt(OFFLINE);
    // A hidden page holds no connection and asks nothing; one that comes back trusts no old connection.
    this.#hangUp();
    clearTimeout(this.#poll);
    if (!document.hidden) this.retry();
  }

  // ---- asking

  get #deserted() { return ![...this.#rows.values()].some(needed); }

  get #clients() {
    for (const [client, row] of this.#rows) if (!needed(row)) this.#rows.delete(client);
    return [...this.#rows.keys()];
  }

  /** Those whom no stream tells of, and those whose time is over. */
  get #open() { return this.#clients.filter((client) => !this.#streamed.has(client) || this.#rows.get(client).due); }

  #later(ms) {
    clearTimeout(this.#poll);
    if (!document.hidden) this.#poll = setTimeout(() => this.#round(), ms);
  }

  async #round(clients = this.#open) {
    if (document.hidden) return;
    try {
      const sets = [];
      for (let from = 0; from < clients.length; from += MOST) sets.push(clients.slice(from, from + MOST));
      await Promise.all(sets.map((set) => this.#ask(set)));
    } catch (problem) {
      return this.#missed(problem);
    }
    this.#met();
  }

  #met() {
    this.#misses = 0;
    this.#calm();
    this.#attend();
    this.#next();
  }

  #missed(problem) {
    this.#misses += 1;
    this.#fail(problem);
    this.#next(problem.wait * 1e3);
  }

  #next(wait = 0) { if (this.#open.length) this.#later(Math.max(wait, jittered(backoff(this.#misses)))); }

  async #ask(clients) {
    const start = instant();
    try {
      const { path, init } = this.#board.request("/api/v1/status", clients);
      // "Nothing new" is no answer to a row that knows nothing yet.
      const query = path + (init.body ?? "");
      const tag = clients.every((client) => this.#rows.get(client)?.status) && this.#tags.get(query);
      if (tag) init.headers["if-none-match"] = tag;
      const answer = await this.#board.service.call(path, init);
      if (answer.status === 304) return;
      const { statuses } = await answer.json();
      if (this.#tags.size > 9) this.#tags.clear();
      this.#tags.set(query, answer.headers.get("etag"));
      for (const status of statuses) this.take(status, start);
    } catch (problem) {
      await this.#part(clients, problem);
    }
  }

  /** One client that cannot be asked for must not take the others with it. */
  async #part(clients, problem) {
    if (problem.status === undefined) throw OFFLINE;
    if (problem.status !== 400) throw problem;
    if (clients.length === 1) return this.#blame(this.#rows.get(clients[0]), problem);
    const half = clients.length >> 1;
    await Promise.all([this.#ask(clients.slice(0, half)), this.#ask(clients.slice(half))]);
  }

  /** Asks for one client now, whatever else is going on. */
  async refresh(client) {
    const row = this.#rows.get(client);
    if (!row) return;
    row.asking += 1;
    await this.#ask([client]).catch(() => {});
    row.asking -= 1;
    this.left();
  }

  // ---- what is known

  /** What was drawn before this was here. */
  #first(row) {
    this.#watch(row, row.status);
    row.status = aged(row.status, passed(row.start));
    this.#board.draw(row);
    announce(row.buttons, undefined, row.status);
  }

  take(status, start = instant()) {
    const row = this.#rows.get(status.client);
    if (!row || row.status?.version > status.version) return;
    // That a refusal is over is news, whatever the version.
    const before = row.fault ? undefined : row.status;
    Object.assign(row, { start, due: false, fault: null, stale: null });
    this.#watch(row, status);
    this.#show(row, aged(status, passed(start)), before);
  }

  #show(row, status, before = row.status) {
    row.status = status;
    this.#board.draw(row);
    announce(row.buttons, before, status);
  }

  // ---- time

  #watch(row, status) {
    row.ends = ends(status);
    if (row.ends.length) this.#ticking ??= setInterval(() => this.#tick(), 1e3);
  }

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
    this.#board.draw(row);
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
      this.#board.draw(row);
    }
  }

  #calm() {
    for (const row of this.#rows.values()) {
      if (!row.stale && (!row.fault || row.fault.status === 400)) continue;
      const back = row.fault && row.status;
      row.stale = row.fault = null;
      this.#board.draw(row);
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
    const { origin } = new URL(this.#board.service.base);
    for (let n = 0; navigator.locks && n < STREAMS && !signal.aborted; n += 1) {
      const held = await new Promise((done) => {
        const name = `countersign ${origin} ${n}`;
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
    const { path, init } = this.#board.request("/api/v1/status/stream", clients);
    init.headers.accept = "text/event-stream";
    try {
      const answer = await this.#board.service.call(path, { ...init, signal: stream.signal });
      await readEvents(answer.body, "status", (data) => {
        if (this.#stream !== stream) return;
        const status = JSON.parse(data);
        this.#dropped = 0;
        this.#streamed.add(status.client);
        this.take(status);
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
