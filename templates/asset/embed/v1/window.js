// Owns the element `<countersign-window>`: the verification window as a dialog of the page that shows it, or `inline`, filling
// its place. What is drawn in it and what happens there is the case's; this opens one, tells the page, and ends it.

import { load } from "./load.js";
import { seatOf } from "./seat.js";
import { stands } from "./stands.js";
import { Api } from "./window/api.js";
import { openCase } from "./window/opening.js";
import { part } from "./window/parts.js";
import { style } from "./window/style.js";
import { wordsOf } from "./window/text.js";
import { viewOf } from "./window/view.js";

let current = () => null;                         // the service of a tenant, as the page has made it known
let refreshAll = () => {};

/** Makes known whom a window that the page places itself asks for a token, and who hears of what happens in it. */
export function connect(services, refresh) {
  [current, refreshAll] = [services, refresh];
  return CountersignWindow;
}

/** What opens the window about this, and its words. Only a session or a signing loads what shows those. */
async function kindOf({ client }, language) {
  const words = wordsOf(language);
  if (client !== undefined) return [openCase, words];
  const [{ openGuests }] = await Promise.all([load("window/guests"), words.learn("more"), words.learn("desk-words")]);
  return [openGuests, words];
}

export class CountersignWindow extends HTMLElement {
  #root = this.attachShadow({ mode: "open" });
  #case; #closed; #done;

  constructor() {
    super();
    this.#root.adoptedStyleSheets = [style];
  }

  disconnectedCallback() { this.#end(); }

  /**
   * Opens the window about the client of its attributes, or of `seat` where the page has a token of its own making.
   * Gives a promise of its end, which for one that is inline is its removal. Rejected where no token can be had that names this client.
   */
  async show(seat) {
    if (this.#case) return this.#closed;
    const service = current(this.getAttribute("tenant") ?? undefined);
    const about = { ...this.#named, surface: this.getAttribute("surface") ?? "lead_card", ...(this.hasAttribute("tools") && { tools: this.getAttribute("tools") }) };
    if (!seat && !service) throw new Error("countersign: call configure() before a window is opened");
    const tag = this.closest("[lang]")?.lang || document.documentElement.lang || navigator.language;
    const [[open, words], place] = await Promise.all([kindOf(about, tag.slice(0, 2)), seat ?? this.#seat(service, about)]);
    if (this.#case || !this.isConnected) return this.#closed;
    this.#draw(open, about, place, words);
    return this.#closed;
  }

  /** Whom or what the window is about: a client, a session or a signing. */
  get #named() {
    const name = ["session", "signing"].find((one) => this.hasAttribute(one)) ?? "client";
    return { [name]: this.getAttribute(name) };
  }

  /** Closes the window. Nothing is cancelled: the next opening comes to where this one was. */
  close() { this.#case?.shut(); }

  async #seat(service, about) { return { ...await seatOf(service, about), renew: () => service.ask(about) }; }

  #draw(open, about, { heard = (type, status) => this.#tell(about, type, stands(status, about.surface)), renew, ...seat }, words) {
    const inline = this.hasAttribute("inline");
    const [top, frame] = part("frame", words.t, inline);
    top.lang = words.language;
    frame.title.textContent = words.t("window");
    frame.close.setAttribute("aria-label", words.t("close"));
    this.#root.replaceChildren(top);
    let started = false;
    const post = (type, status) => {
      // The focus goes back before the page hears of it.
      if (type === "closed" && !inline) top.close();
      heard(type, status);
      // Said again, it asks for a new token.
      if (type === "ready" && started) renew?.().then((token) => this.#case?.renew(token), () => {});
      started = true;
    };
    this.#closed = new Promise((done) => { this.#done = done; });
    top.onclose = () => { if (this.#root.contains(top)) this.#end(); };
    // The key closes the window, and with it whatever the page does at its end.
    top.oncancel = (event) => {
      event.preventDefault();
      this.close();
    };
    if (!inline) top.showModal();
    const api = new Api({ ...seat, language: words.language });
    try {
      this.#case = open({ frame, words, about, seat, host: { post }, inline, api, view: viewOf(words, frame.view) });
    } catch (why) {
      // A part of another version, in a page that was open over an update: what cannot be closed is not left standing.
      this.#end();
      throw why;
    }
  }

  #tell({ client }, type, detail) {
    if (type === "ready") return;
    if (client) refreshAll(client);
    this.dispatchEvent(new CustomEvent(`countersign:${type}`, { bubbles: true, composed: true, detail }));
  }

  /** A new token for the case that is open, from a page that gives tokens in its own time. */
  renew(token) { return this.#case?.renew(token); }

  #end() {
    this.#case?.end();
    this.#case = null;
    this.#root.replaceChildren();
    this.#done?.();
  }
}

if (!customElements.get("countersign-window")) customElements.define("countersign-window", CountersignWindow);

/**
 * Opens the window about a client; `heard` is told what happens in it. Gives `{ closed }`, a promise of its end, or nothing
 * where it came too late to be `wanted` still.
 */
export async function openWindow(service, { lang, ...about }, { heard, wanted }) {
  const seat = { ...await seatOf(service, about), heard, renew: () => service.ask(about) };
  if (!wanted()) return null;
  const element = document.createElement("countersign-window");
  for (const [name, value] of Object.entries({ ...about, lang })) element.setAttribute(name, value);
  document.body.append(element);
  const closed = element.show(seat).then(() => element.remove());
  return { closed };
}
