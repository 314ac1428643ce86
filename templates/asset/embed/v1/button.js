// Owns the element `<countersign-button>`: its parts, its tooltip, and what a click does. What it shows comes from the
// board of its language; until there is a service to ask, the content that the page gave it stays.

import { ICONS, face, sheet } from "./look.js";
import { stands } from "./stands.js";
import { announce, boardOf, current } from "./statuses.js";
import words from "./words.js";

const HELD = 500;                                 // milliseconds of a touch that asks for the tooltip
const HEARD = ["click", "pointerenter", "pointerleave", "pointerdown", "pointerup", "pointercancel", "contextmenu", "focusin", "focusout", "keydown"];

let pointed = null;                               // the one button whose tooltip is shown

function make(tag, attributes, ...children) {
  const node = document.createElementNS(`http://www.w3.org/${/svg|path/.test(tag) ? "2000/svg" : "1999/xhtml"}`, tag);
  for (const name in attributes) node.setAttribute(name, attributes[name]);
  node.append(...children);
  return node;
}

export class CountersignButton extends HTMLElement {
  static observedAttributes = ["client", "lang", "name", "surface", "tenant", "unavailable"];
  static #connected = new Set();
  static #turn = null;                            // the press whose window is to open: a later one takes its place

  /** There is a service now, or another one. */
  static configured() { for (const button of this.#connected) button.#attach(); }

  static {
    addEventListener("scroll", () => pointed?.#place(), true);
    addEventListener("pointerdown", ({ target }) => target !== pointed && pointed?.#hide(), true);
  }

  #path = make("path");
  #label = make("span", { part: "label" });
  #button = make("button", { type: "button", "aria-describedby": "tip", hidden: "" },
    make("svg", { viewBox: "0 0 16 16", "aria-hidden": "true", part: "icon" }, this.#path), this.#label);
  #tip = make("span", { id: "tip", role: "tooltip", part: "tooltip", popover: "manual" });
  #ear = make("span", { class: "ear", role: "status" });
  #slot = make("slot");
  #board; #row; #client; #canned; #face; #refused; #timer; #held;
  #open = false;                                  // the window about this client
  #waiting = false;                               // for the window

  constructor() {
    super();
    const root = this.attachShadow({ mode: "open" });
    root.adoptedStyleSheets = [sheet];
    root.append(this.#button, this.#tip, this.#ear, this.#slot);
    for (const event of HEARD) this.addEventListener(event, this);
  }

  connectedCallback() {
    CountersignButton.#connected.add(this);
    this.#attach();
  }

  disconnectedCallback() {
    CountersignButton.#connected.delete(this);
    this.#hide();
    this.#detach();
  }

  attributeChangedCallback(name) {
    if (name === "client" || name === "lang" || name === "tenant") this.#attach();
    else this.#draw();
  }

  /** The last known status. Set, it is shown instead of the service's, for previews; `null` ends that. */
  get status() {
    const row = this.#canned ?? this.#row;
    // What the service refuses to tell now is not what it told before.
    return [400, 403].includes(row?.fault?.status) ? undefined : stands(row?.status, this.surface);
  }

  set status(status) {
    const before = this.status;
    this.#canned = status && { status, stale: status.stale };
    this.#attach();
    if (status?.button) announce([this], before?.button && before, status);
  }

  focus(options) { this.#button.focus(options); }

  /** Opens the window, as a click does; with `tools: "pin"` on those of the security PIN. */
  open({ tools } = {}) { if (this.#face) this.#press(tools); }

  /** Why a click opens nothing, in words; `null` where it does. */
  get refusal() { return !this.#face || this.#face.act === "open" ? null : this.#tip.textContent; }

  /** The screen of the CRM that it stands on: what counts as verified there is the tenant's to say. */
  get surface() { return this.getAttribute("surface") ?? "lead_card"; }

  get #tenant() { return this.getAttribute("tenant") ?? undefined; }

  get #service() { return current(this.#tenant); }

  get #lang() {
    const tag = this.closest("[lang]")?.lang || document.documentElement.lang || navigator.language;
    return /^es\b/i.test(tag) ? "es" : "en";
  }

  #attach() {
    if (!this.isConnected) return;
    this.#detach();
    this.#client = this.getAttribute("client");
    if (!this.#canned && this.#service && this.#client) {
      this.#board = boardOf(this.#lang, this.#tenant);
      this.#row = this.#board.join(this, this.#client);
    }
    this.#draw();
  }

  #detach() {
    this.#board?.leave(this, this.#client);
    this.#board = this.#row = this.#refused = null;
  }

  // ---- what the board tells

  changed() { this.#draw(); }

  tell(type, options) {
    return this.dispatchEvent(new CustomEvent(`countersign:${type}`, { bubbles: true, composed: true, detail: this.status, ...options }));
  }

  // ---- what is drawn

  #draw() {
    const row = this.#canned ?? this.#row;
    this.#button.hidden = !row;
    this.#slot.hidden = Boolean(row);
    if (!row) return;
    const table = words[this.#lang];
    const seen = this.#face = face({ ...row, status: stands(row.status, this.surface) }, { agent: this.#service?.agent, unavailable: this.getAttribute("unavailable"), refused: this.#refused });
    const { look, tone, given, stale, note } = seen;
    let [label, tip] = given ? [seen.label, seen.tip] : [table[seen.label], table[seen.tip].replace(/\{\w+\}/, () => seen.value)];
    if (stale) {
      label += ` · ${table.stale}`;
      tip += ` ${table[stale.status === 401 ? "signed_out" : "stale.tooltip"]}`;
    }
    if (note) tip = `${tip.replace(/[^.]$/, "$&.")} ${table[note]}`;
    const icon = this.#waiting ? "checking" : look;
    this.#button.className = `${tone} ${icon}${stale ? " stale" : ""}`;
    this.#button.part = `button ${tone} ${look}`;
    this.#button.lang = this.#lang;
    this.#path.setAttribute("d", ICONS[icon] ?? ICONS.not_verified);
    this.#label.textContent = label;
    if (this.#tip.textContent !== tip) this.#tip.textContent = tip;
    // The name starts with the words that are seen; whose they are follows.
    const name = this.getAttribute("name") ?? row.status?.contact?.name;
    this.#button.ariaLabel = name ? `${label}. ${name}.` : label;
    this.#button.ariaDisabled = seen.act ? null : "true";
    if (pointed === this) this.#place();
  }

  /** Tells those who do not see the tooltip, too. */
  #explain() {
    this.#show();
    this.#ear.textContent = this.#tip.textContent;
  }

  // ---- what a click does

  #press(tools) {
    this.#refused = null;
    const { act } = this.#face;
    if (act === "retry") return this.#board?.retry();
    if (act !== "open") return this.#explain();
    if (this.tell("open", { cancelable: true }) && this.#board && !this.#open) this.#enter(tools);
  }

  async #enter(tools) {
    const board = this.#board, row = this.#row, service = this.#service, client = this.#client, lang = this.#lang, { surface } = this;
    // A page may draw its rows anew meanwhile, or make this button another client's: then one that is still about this client
    // takes its place.
    const heir = () => (row.buttons.has(this) ? this : [...row.buttons][0] ?? this);
    const tell = (type) => heir().tell(type, { detail: stands(row.status, surface) });
    const about = { client, surface, lang, ...(tools && { tools }) };
    const heard = async (type, status) => {
      if (status?.button) board.learn(status);
      await board.refresh(client);
      if (type === "failed") tell(type);
    };
    const turn = CountersignButton.#turn = {};
    const wanted = () => CountersignButton.#turn === turn && heir().isConnected;
    let open = true;
    // Once: whatever comes after may belong to the next window.
    const over = () => {
      if (!open) return;
      open = this.#open = row.open = false;
      this.#wait(false);
    };
    this.#open = row.open = true;
    this.#hide();
    this.#wait(true);
    try {
      const { openWindow } = await (service.framed ? import("./framed.js") : import("./window.js"));
      const opened = await openWindow(service, about, { name: this.getAttribute("name"), words: words[lang], heard, wanted });
      this.#wait(false);
      if (opened) {
        tell("opened");
        await opened.closed;
        // Who clicks again at once is not made to wait for the status.
        over();
        await board.refresh(client);
        tell("closed");
      }
    } catch (problem) {
      this.#refused = problem;
    }
    over();
    // The browser gives the focus back to where it was; where that is gone, it is the button's.
    if (!document.activeElement || document.activeElement === document.body) heir().focus();
    if (this.#refused) this.#explain();
  }

  #wait(waiting) {
    this.#waiting = waiting;
    this.#draw();
  }

  // ---- the tooltip

  handleEvent(event) {
    const { type } = event, touch = event.pointerType === "touch";
    const pressed = event.composedPath().includes(this.#button);
    if (type === "click" && pressed) this.#held ? event.preventDefault() : this.#press();
    if (type === "pointerenter" && !touch) this.#show();
    if (type === "pointerleave" && !touch && !this.#button.matches(":focus-visible")) this.#timer = setTimeout(() => this.#hide(), 200);
    if (type === "focusin" && this.#button.matches(":focus-visible")) this.#show();
    if (type === "focusout") this.#hide();
    if (type === "pointerdown") this.#held = false;
    if (type === "pointerdown" && touch && pressed) {
      this.#timer = setTimeout(() => { this.#held = true; this.#show(); }, HELD);
    }
    if ((type === "pointerup" || type === "pointercancel") && touch) clearTimeout(this.#timer);
    if (type === "contextmenu" && this.#held) event.preventDefault();
    if (type === "keydown" && event.key === "Escape" && pointed === this) {
      // The key closed the tooltip and nothing else of the page.
      event.preventDefault();
      event.stopPropagation();
      this.#hide();
    }
  }

  #show() {
    clearTimeout(this.#timer);
    if (!this.#face) return;
    if (pointed !== this) pointed?.#hide();
    pointed = this;
    this.#tip.className = "on";
    if (!this.#tip.matches(":popover-open")) this.#tip.showPopover();
    this.#place();
  }

  #place() {
    const at = this.#button.getBoundingClientRect(), { offsetWidth, offsetHeight, style } = this.#tip;
    const above = at.top - offsetHeight - 6;
    style.left = `${Math.max(8, Math.min(at.left, document.documentElement.clientWidth - offsetWidth - 8))}px`;
    style.top = `${above > 8 ? above : at.bottom + 6}px`;
  }

  #hide() {
    clearTimeout(this.#timer);
    if (pointed !== this) return;
    pointed = null;
    this.#tip.hidePopover();
    this.#tip.className = "";
  }
}
