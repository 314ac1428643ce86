// Owns the element `<countersign-button>`: its parts, and what it shows, which comes from the board of its language. Until
// there is a service to ask, the content that the page gave it stays. What a person does with it is the hand's, loaded then.

import { load } from "./load.js";
import { ICONS, sheet } from "./look.js";
import { stands } from "./stands.js";
import { boardOf, current } from "./statuses.js";
import { first } from "./words-first.js";


const connected = new Set();
const tables = {};                                // language -> its words, once something rare is to be said in it
let rare = null;                                  // what is shown that is not of every day
let hand = null;                                  // what a person does

function make(tag, attributes, ...children) {
  const node = document.createElementNS(`http://www.w3.org/${/svg|path/.test(tag) ? "2000/svg" : "1999/xhtml"}`, tag);
  for (const name in attributes) node.setAttribute(name, attributes[name]);
  node.append(...children);
  return node;
}

/** All words of a language; what is shown without them is drawn anew. */
async function learn(lang) {
  const [loaded, { default: table }] = await Promise.all([load("rare"), load(`words-${lang}`)]);
  rare = loaded;
  tables[lang] = table;
  for (const button of connected) button.draw();
  return table;
}

/** What the service says of a client, as it is shown on most days; nothing on others, nor of what may be over before all is loaded. */
function plain({ fault, stale }, { refused, status, unavailable }) {
  if (fault || stale || refused || !status?.button || status.lapsed || status.seconds_left < 60) return null;
  const { state, button: { tone, label, tooltip: tip }, last_verified_at: before } = status;
  const none = state === "not_verified";
  if (none ? unavailable || tone === "danger" : state !== "verified") return null;
  return { look: none && before ? "expired" : state, tone, label, tip, act: "open" };
}

export class CountersignButton extends HTMLElement {
  static observedAttributes = ["client", "lang", "name", "surface", "tenant", "unavailable"];

  /** There is a service now, or another one. */
  static configured() { for (const button of connected) button.attach(); }

  path = make("path");
  label = make("span", { part: "label" });
  button = make("button", { type: "button", "aria-describedby": "tip", hidden: "" },
    make("svg", { viewBox: "0 0 16 16", "aria-hidden": "true", part: "icon" }, this.path), this.label);
  tip = make("span", { id: "tip", role: "tooltip", part: "tooltip", popover: "manual" });
  #slot = make("slot");
  #canned;

  constructor() {
    super();
    const root = this.attachShadow({ mode: "open" });
    root.adoptedStyleSheets = [sheet];
    root.append(this.button, this.tip, this.#slot);
    for (const event of ["click", "focusin", "pointerdown", "pointerenter"]) this.addEventListener(event, this);
  }

  connectedCallback() {
    connected.add(this);
    this.attach();
  }

  disconnectedCallback() {
    connected.delete(this);
    hand?.hide(this);
    this.#detach();
  }

  attributeChangedCallback() { this.attach(); }

  /** The last known status. Set, it is shown instead of the service's, for previews; `null` ends that. */
  get status() {
    const row = this.#canned ?? this.row;
    // What the service refuses to tell now is not what it told before.
    return [400, 403].includes(row?.fault?.status) ? undefined : stands(row?.status, this.surface);
  }

  set status(status) {
    const before = this.status;
    this.#canned = status && { status, stale: status.stale };
    this.attach();
    if (status?.button) load("live").then(({ announce }) => announce([this], before?.button && before, status), () => {});
  }

  focus(options) { this.button.focus(options); }

  /** Opens the window, as a click does; with `tools: "pin"` on those of the security PIN. */
  open({ tools } = {}) { if (this.face) this.#hand((hand) => hand.press(this, tools)); }

  /** Why a click opens nothing, in words; `null` where it does. */
  get refusal() { return !this.face || this.face.act === "open" ? null : this.tip.textContent; }

  /** The screen of the CRM that it stands on: what counts as verified there is the tenant's to say. */
  get surface() { return this.getAttribute("surface") ?? "lead_card"; }

  get tenant() { return this.getAttribute("tenant") ?? ""; }

  get unavailable() { return this.getAttribute("unavailable"); }

  get service() { return current(this.tenant); }

  get language() {
    const tag = this.closest("[lang]")?.lang || document.documentElement.lang || navigator.language;
    return /^es\b/i.test(tag) ? "es" : "en";
  }

  attach() {
    if (!this.isConnected) return;
    this.#detach();
    const client = this.getAttribute("client");
    if (!this.#canned && this.service && client) {
      this.board = boardOf(this.language, this.tenant);
      this.row = this.board.join(this, client);
    }
    this.draw();
  }

  #detach() {
    this.board?.leave(this, this.row);
    this.board = this.row = this.refused = this.failed = null;
  }

  tell(type, options) {
    return this.dispatchEvent(new CustomEvent(`countersign:${type}`, { bubbles: true, composed: true, detail: this.status, ...options }));
  }

  draw() {
    const row = this.#canned ?? this.row, { button, language } = this;
    button.hidden = !row;
    this.#slot.hidden = Boolean(row);
    if (!row) return;
    const table = tables[language];
    const seen = this.face = plain(row, this) ?? (table ? rare.face(row, this, table) : this.#first(row));
    let { label, tip, look, tone } = seen;
    if (this.failed) label = tip = first[language].failed;
    const icon = this.waiting ? "checking" : look;
    button.className = `${tone} ${icon}${seen.stale ? " stale" : ""}`;
    button.part = `button ${tone} ${look}`;
    button.lang = language;
    this.path.setAttribute("d", ICONS[icon] ?? seen.line);
    this.label.textContent = label;
    if (this.tip.textContent !== tip) this.tip.textContent = tip;
    // The name starts with the words that are seen; whose they are follows.
    const name = this.getAttribute("name") ?? this.status?.contact?.name;
    button.ariaLabel = name ? `${label}. ${name}.` : label;
    button.ariaDisabled = seen.act ? null : "true";
    hand?.drawn(this);
  }

  words() { return learn(this.language); }

  /** What stands there until something is known, and the words for it. */
  #first({ status, fault }) {
    if (status || fault) learn(this.language).catch(() => {});
    const { checking } = first[this.language];
    return { look: "checking", tone: "neutral", label: checking, tip: checking };
  }

  // ---- what a person does

  handleEvent(event) {
    const pressed = event.composedPath().includes(this.button);
    if (hand) hand.hear(this, event, pressed);
    else this.#hand((hand) => hand.hear(this, event, pressed), pressed && event.type === "click");
  }

  /** Does it once the hand is there. A press that it cannot be loaded for says so; the next one tries again. */
  #hand(act, press = true) {
    load("hand").then((loaded) => {
      hand = loaded;
      this.failed = false;
      act(hand);
    }, () => {
      this.failed ||= press;
      this.draw();
    });
  }
}
