// Owns what is known of every client on the page, and the first question about it: one request for all buttons.
// What comes after the first answer (time, the stream, polling, troubles) is the life of a board, and is loaded then.

import { load } from "./load.js";
import { instant } from "./time.js";

const MOST = 500;                                 // clients in one call
const LONG = 1500;                                // characters of an address, beyond which the list is posted
const AGAIN = 5e3;                                // until what could not be loaded is tried again

/** All clients that are shown in one language. */
class Board {
  rows = new Map();                               // client -> { client, buttons, open, asking, status, start, ends, due, fault, stale }
  #join;

  constructor(service, lang) { Object.assign(this, { service, lang }); }

  end() {
    this.rows.clear();
    this.ended = true;
    this.life?.end();
  }

  join(button, client) {
    let row = this.rows.get(client);
    if (!row) this.rows.set(client, row = { client, buttons: new Set(), asking: 0 });
    row.buttons.add(button);
    this.soon();
    return row;
  }

  /** The row stays until the next call: what is moved in the page leaves and joins in one breath. */
  leave(button, row) {
    row.buttons.delete(button);
    this.life?.left();
  }

  /** All buttons that join before the next frame share a call. */
  soon() {
    this.#join ??= setTimeout(() => {
      this.#join = null;
      const fresh = [...this.rows.values()].filter(({ buttons, status }) => buttons.size && !status).map(({ client }) => client);
      if (this.life) this.life.welcome(fresh);
      else if (fresh.length) this.#first(fresh.slice(0, MOST));
    }, 16);
  }

  /** The first question; its answer is drawn before anything else is loaded. */
  async #first(clients) {
    const trouble = document.hidden ? null : await this.#ask(clients).catch((problem) => problem);
    (await this.wake())?.begin(trouble, clients);
  }

  async #ask(clients) {
    const start = instant();
    const { path, init } = this.request("/api/v1/status", clients);
    this.answer = await this.service.call(path, init);
    const { statuses } = await this.answer.json();
    for (const status of statuses) {
      const row = this.rows.get(status.client);
      if (!row) continue;
      Object.assign(row, { start, status });
      this.draw(row);
    }
  }

  /** Its life. Nothing is shown that nobody watches over: without it a board knows nothing, and tries again. */
  async wake() {
    try {
      const { Life } = await load("live");
      if (!this.ended) this.life ??= new Life(this);
    } catch {
      for (const row of this.rows.values()) {
        row.status = null;
        this.draw(row);
      }
      setTimeout(() => this.soon(), AGAIN);
    }
    return this.life;
  }

  request(path, clients) {
    const query = `?${new URLSearchParams(clients.map((client) => ["client", client]))}`;
    const headers = { "accept-language": this.lang };
    if (query.length <= LONG) return { path: path + query, init: { headers } };
    headers["content-type"] = "application/json";
    return { path, init: { headers, method: "POST", body: JSON.stringify({ clients }) } };
  }

  draw(row) { for (const button of row.buttons) button.draw(); }
}

let boards = {};
const services = new Map();
let serve = null;

/** The service as one tenant's agent sees it; a page with one tenant names none. `null` until there is one. */
export function current(tenant = "") {
  if (serve && !services.has(tenant)) services.set(tenant, serve(tenant));
  return services.get(tenant) ?? null;
}

/** From now on services are made so: what was known of others is forgotten. */
export function use(next) {
  serve = next;
  for (const board of Object.values(boards)) board.end();
  boards = {};
  services.clear();
}

/** Asks for one client on every board that shows it. */
export function refreshAll(client) { for (const { life } of Object.values(boards)) life?.refresh(client); }

export function boardOf(lang, tenant) {
  return boards[`${lang} ${tenant}`] ??= new Board(current(tenant), lang);
}
